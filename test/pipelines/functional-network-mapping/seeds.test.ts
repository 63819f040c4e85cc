/** Runs on seeds without a mask file: all that they leave is what masks of the same voxels leave. */
import { appendFileSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { apply } from "../../../src/imaging/affine.ts"
import { voxelsOf } from "../../../src/imaging/Grid.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { readManifest } from "../../../src/output/Manifest.ts"
import { outlineOf } from "../../../src/report/reportedLesions.ts"
import { indexStudy } from "../../../src/report/viewer/indexStudy.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { readPatientLesions } from "../../../src/stages/group/patientLesions.ts"
import { contentOf, isMap } from "../../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain, tinySpace, voxelAt } from "../../support/tinyConnectome.ts"
import { ballBytes, lesionCentres, writeConfig, writeFile, writeTinyStudy } from "../../support/tinyStudy.ts"
import { composite, shiftBy, writeItkTransform } from "../../support/writeItkTransform.ts"

const folder = scratchFolder()
const { grid } = tinyBrain
const other = "MNI152NLin2009cAsym"

type Index = readonly [number, number, number]

const mm = (index: Index) => apply(grid.affine, ...index)

/** Voxels of points, and of the middles of parcels. */
const points: ReadonlyArray<Index> = [
  [3, 9, 4],
  [7, 4, 8]
]
const parcels: ReadonlyArray<Index> = [
  [4, 5, 6],
  [8, 8, 5],
  [5, 10, 5]
]

/** Coordinates of points lie off the voxels' centres. */
const pointRows = points.map(
  (index, n) =>
    `P${n + 1}\t${mm(index)
      .map((x) => x + 1.5 - n)
      .join("\t")}`
)
const sphereRows = lesionCentres.map((index, n) => `sub-00${n + 1}_label-lesion\t${mm(index).join("\t")}\t4`)

const writeSeeds = () => {
  writeFile(join(folder, "spheres.tsv"), `name\tx\ty\tz\tradius\n${sphereRows.join("\n")}\n`)
  writeFile(join(folder, "points.tsv"), `name\tx\ty\tz\n${pointRows.join("\n")}\n`)
  const labels = new Uint8Array(voxelsOf(grid))
  for (const [n, centre] of parcels.entries()) {
    for (let v = 0; v < labels.length; v++) if (distance(v, centre) <= 1.5) labels[v] = 10 * (n + 1)
  }
  writeFile(join(folder, `atlas_space-${tinySpace}_dseg.nii`), encodeNifti({ grid, values: labels }))
  writeFile(join(folder, `atlas_space-${tinySpace}_dseg.tsv`), "index\tname\n10\tQ_1\n20\tQ_2\n30\tR\n")
}

const distance = (element: number, centre: Index): number =>
  Math.hypot(...voxelAt(grid, element).map((index, axis) => index - centre[axis]!))

const writeMasks = () => {
  for (const [n, centre] of points.entries()) {
    writeFile(join(folder, `lesions/sub-P${n + 1}_space-${tinySpace}_mask.nii`), ballBytes(centre, 0))
  }
  for (const [n, centre] of parcels.slice(0, 2).entries()) {
    writeFile(join(folder, `lesions/sub-Q${n + 1}_space-${tinySpace}_mask.nii`), ballBytes(centre, 1.5))
  }
}

const seeds = {
  spheres: "spheres.tsv",
  points: "points.tsv",
  atlas: `atlas_space-${tinySpace}_dseg.nii`,
  labels: [10, "Q_*"],
  space: tinySpace
}

const made = (async () => {
  const study = await writeTinyStudy(folder, { subjects: 4 })
  writeSeeds()
  writeMasks()
  const config = (name: string, keys: object) =>
    writeConfig(join(folder, `${name}.yaml`), {
      pipeline: "functional-network-mapping",
      connectome: study.keys.connectome,
      statistics: { matrix: true, t_threshold: 3 },
      parcellations: [{ name: "Own", path: seeds.atlas }],
      output: { path: name },
      ...keys
    })
  const run = async (name: string, keys: object) => {
    const file = config(name, keys)
    await lnmHereSucceeds(["run", file])
    return file
  }
  await run("masks", { lesions: { path: "lesions" } })
  return { config, run, file: await run("seeds", { seeds }) }
})()

const here = join(folder, "seeds")

const tableOf = (output: string) =>
  readFileSync(join(folder, output, "summary.tsv"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))

const columnOf = (output: string, column: string): ReadonlyArray<string> => {
  const [header, ...rows] = tableOf(output)
  return rows.map((row) => row[header!.indexOf(column)]!)
}

/** At least so many maps, by their names. */
const mapsOf = (output: string, least: number) => {
  const maps = contentOf(join(folder, output), isMap)
  assert.isAtLeast(Object.keys(maps).length, least)
  return maps
}

/** Keys of runs that make a map a lesion, and nothing else. */
const few = { statistics: { maps: ["z"], degree: false }, parcellations: [], report: false }

/** What is refused, on one line. */
const refused = async (file: string, ...words: ReadonlyArray<string>) => {
  const { code, stderr } = await lnmHere(["run", file])
  assert.strictEqual(code, 2)
  for (const word of words) assert.include(stderr.replaceAll(/\s+/g, " "), word)
}

describe("seeds of functional-network-mapping", () => {
  it("make the bytes of the maps of masks of the same voxels", { timeout: 60_000 }, async () => {
    await made
    assert.deepStrictEqual(mapsOf("seeds", 8 * 7), mapsOf("masks", 8 * 7))
    const relations = (output: string) =>
      readFileSync(join(folder, output, "desc-boes_stat-z_relmat.tsv"), "utf8").match(/(?<=\t)-?\d[^\t\n]*/g)!
    assert.sameMembers(relations("seeds"), relations("masks"))
    for (const column of ["volume_ml", "lesion_voxels", "grid_voxels", "mask_voxels", "t_mean"]) {
      assert.sameMembers([...columnOf("seeds", column)], [...columnOf("masks", column)])
    }
  })

  it("make them also beside masks, mirrored, and on each lesion's own grid", { timeout: 60_000 }, async () => {
    const { run } = await made
    const flip = { flip: "left" }
    const lesions = { path: "lesions", ...flip }
    await run("flipped-masks", { ...few, lesions, output: { path: "flipped-masks", grid: "lesion" } })
    await run("flipped-seeds", {
      ...few,
      lesions: { ...lesions, pattern: "*P*_mask.nii" },
      seeds: { ...seeds, points: undefined },
      output: { path: "flipped-seeds", grid: "lesion" }
    })
    assert.deepStrictEqual(mapsOf("flipped-seeds", 8), mapsOf("flipped-masks", 8))
    assert.include(columnOf("flipped-seeds", "flipped"), "yes")
  })

  it("are named and described in all that the run leaves", { timeout: 60_000 }, async () => {
    const { file } = await made
    const names = ["sub-001_label-lesion", "sub-002_label-lesion", "sub-003_label-lesion", "sub-004_label-lesion"]
    assert.deepStrictEqual([...columnOf("seeds", "lesion")], [...names, "P1", "P2", "Q_1", "Q_2"])
    const { lesions, inputs } = await Effect.runPromise(readManifest(here))
    assert.deepStrictEqual(lesions[0]!.seed, { kind: "sphere", centreMm: mm(lesionCentres[0]!), radiusMm: 4 })
    assert.deepStrictEqual(lesions[7]!.seed, { kind: "parcel", label: 20 })
    const paths = inputs.map((input) => input.path.slice(folder.length + 1))
    for (const input of ["spheres.tsv", "points.tsv", seeds.atlas, seeds.atlas.replace(".nii", ".tsv")]) {
      assert.strictEqual(paths.filter((path) => path === input).length, 1, input)
    }
    const sidecar = readFileSync(
      join(here, "sub-P1", `sub-P1_space-${tinySpace}_desc-boes_stat-z_statmap.json`),
      "utf8"
    )
    const { LesionSeed: seed, Sources } = JSON.parse(sidecar)
    assert.deepInclude(seed, { Name: "P1", Kind: "point" })
    assert.deepStrictEqual(Sources, [join(folder, "points.tsv")])
    const report = readFileSync(join(here, "report.html"), "utf8").replaceAll("&quot;", '"')
    for (const words of [
      "The functional connectivity of 8 seeds was mapped",
      "4 seeds were spheres of 4 mm",
      "2 seeds were single voxels",
      `2 seeds were parcels of the atlas "${seeds.atlas}"`
    ]) {
      assert.include(report, words)
    }
    assert.notInclude(report, "in a lesion image were taken")
    const { stdout } = await lnmHereSucceeds(["plan", file])
    assert.include(stdout, "seeds without a mask file: 4 sphere(s), 2 point(s), 2 parcel(s)")
  })

  it("are shown, outlined and given to a group's analysis where they were mapped", { timeout: 60_000 }, async () => {
    await made
    const manifest = await Effect.runPromise(readManifest(here))
    const radii = [...lesionCentres.map(() => 1), 0, 0, 1.5, 1.5]
    const centres = [...lesionCentres, ...points, ...parcels.slice(0, 2)]
    const elementsOf = (n: number) =>
      Array.from({ length: voxelsOf(grid) }, (_, v) => v).filter((v) => distance(v, centres[n]!) <= radii[n]!)
    const { resources } = indexStudy(here, manifest)
    const { maps } = await Effect.runPromise(findCohortMaps([here]))
    const cohort = { patients: maps.map(({ patient }) => patient), maps: maps.map((map) => [map]) }
    const group = await Effect.runPromise(readPatientLesions({ ...cohort, grid, space: tinySpace }))
    assert.deepStrictEqual(group.files, [join(folder, seeds.atlas)])
    for (const n of centres.keys()) {
      const image = join(folder, `${n}.nii`)
      writeFile(image, await Effect.runPromise(resources.get(`/lesions/${n}.nii`)!.read))
      const { values } = await Effect.runPromise(readVolume(image))
      assert.deepStrictEqual(
        [...values.keys()].filter((v) => values[v] === 1),
        elementsOf(n)
      )
      assert.deepStrictEqual([...group.lesions[n]!.elements], elementsOf(n))
      const outline = await Effect.runPromise(
        outlineOf(here, manifest.lesions[n]!, grid, {}, { add: () => {} } as never)
      )
      assert.strictEqual(outline!.elements.length, elementsOf(n).length)
    }
  })

  it("are the same from parts of a run, and when computed again", { timeout: 60_000 }, async () => {
    const { config } = await made
    const file = config("parts", { seeds, ...few })
    for (const part of ["1/2", "2/2"]) await lnmHereSucceeds(["run", file, "--part", part])
    await lnmHereSucceeds(["merge", file])
    const whole = mapsOf("seeds", 8)
    for (const [map, content] of Object.entries(mapsOf("parts", 8))) assert.strictEqual(content, whole[map], map)
    const { stdout } = await lnmHereSucceeds(["verify", join(folder, "parts"), "--inputs", "--rerun"])
    assert.match(stdout, /computed again: all \d+ maps and tables are the same/)
  })

  it("are taken over where a row is added, and refused where one has become another seed", {
    timeout: 60_000
  }, async () => {
    const { run, config } = await made
    const table = join(folder, "growing.tsv")
    const keys = { ...few, seeds: { spheres: "growing.tsv", space: tinySpace } }
    writeFile(table, `name\tx\ty\tz\tradius\n${sphereRows.slice(0, 2).join("\n")}\n`)
    await run("growing", keys)
    appendFileSync(table, `${sphereRows[2]}\n`)
    const grown = await lnmHereSucceeds(["run", config("growing", keys)])
    assert.include(grown.stdout, "2 lesion(s) have their maps already")
    assert.strictEqual((await lnmHereSucceeds(["verify", join(folder, "growing"), "--inputs"])).code, 0)
    writeFile(table, `name\tx\ty\tz\tradius\n${sphereRows.slice(1).join("\n")}\n`)
    await run("growing", keys)
    const names = ["001", "002", "003", "004"].map((subject) => `sub-${subject}_label-lesion`)
    assert.sameMembers([...columnOf("growing", "lesion")], names)
    writeFile(table, `name\tx\ty\tz\tradius\n${sphereRows[1]!.replace(/4$/, "6")}\n`)
    await refused(config("growing", keys), "the seed of this name is another now")
  })

  it("lie where the warp brings them, if they are given in the other template", { timeout: 60_000 }, async () => {
    const { run, config } = await made
    const warp = `tpl-${tinySpace}_from-${other}_mode-image_xfm.h5`
    writeFile(join(folder, "templates/README"), "")
    // The warp takes a point of the connectome to one that lies a voxel, of 4 mm, further right and back.
    await writeItkTransform(join(folder, "templates", warp), [composite, shiftBy(-4, 4, 0)])
    const shifted = [...sphereRows, ...pointRows.map((row) => `${row}\t0.1`)].map((row) => {
      const [name, x, y, z, radius] = row.split("\t")
      return [name, Number(x) + 4, Number(y) - 4, z, radius].join("\t")
    })
    writeFile(join(folder, `all_space-${other}.tsv`), `name\tx\ty\tz\tradius\n${shifted.join("\n")}\n`)
    const spheres = { spheres: `all_space-${other}.tsv` }
    await run("warped", { ...few, seeds: spheres, templates: "templates" })
    await run("straight", { ...few, seeds: { spheres: "spheres.tsv", points: "points.tsv", space: tinySpace } })
    assert.deepStrictEqual(mapsOf("warped", 6), mapsOf("straight", 6))
    assert.strictEqual(columnOf("warped", "warped_from")[0], other)
    const report = await lnmHereSucceeds(["report", join(folder, "warped")])
    assert.strictEqual(report.code, 0)
    assert.include(
      readFileSync(join(folder, "warped/report.html"), "utf8"),
      `The coordinates of 6 seeds were taken from ${other} to the connectome`
    )
    assert.strictEqual(columnOf("warped", "warped_volume_ml")[0], columnOf("warped", "volume_ml")[0])
    await refused(config("none", { seeds: spheres }), warp, "lnm fetch mni152nlin6asym")
    await refused(
      config("none", { seeds: { ...spheres, space: tinySpace } }),
      `says space-${other}, and seeds.space is`
    )
    await refused(config("none", { seeds: { spheres: "spheres.tsv", space: "MNI305" } }), "MNI305")
  })

  it("are refused all at once where they lie outside of the brain, or left out", { timeout: 60_000 }, async () => {
    const { config } = await made
    writeFile(
      join(folder, "bad.csv"),
      "name,x,y,z,radius\ngood,-10,-6,-6,4\nfar,200,0,0,4\nhigh,0,0,140,4\nsmall,90,0,0,0.1\n"
    )
    const keys = { ...few, seeds: { spheres: "bad.csv" } }
    await refused(
      config("bad", keys),
      "3 of 4 lesions cannot be used",
      "bad.csv, seed far: none of its",
      "bad.csv, seed high: none of its",
      "bad.csv, seed small: no voxel of the connectome's brain mask lies within a voxel's diagonal of it"
    )
    const skipping = config("bad", { ...keys, lesions: { on_bad: "skip" } })
    const { stderr } = await lnmHereSucceeds(["run", skipping])
    assert.include(stderr, "neither its name nor seeds.space says in which space its seeds lie")
    assert.deepStrictEqual([...columnOf("bad", "lesion")], ["good", "far", "high", "small"])
    assert.include(columnOf("bad", "warnings")[3]!, "The lesion was left out")
    rmSync(join(folder, "bad"), { recursive: true })
    writeFile(join(folder, "bad.csv"), "name,x,y,z,radius\nA-1,-10,-6,-6,4\nA1,-10,-6,-6,4\n")
    await refused(skipping, "bad.csv, seed A-1 and", "bad.csv, seed A1 would both write sub-A1")
  })
})
