/** The command on what a group's analysis takes beside maps: lesions, covariates made of them, patients that are left out, inputs that are wrong. */
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { contrastBasis } from "../../../src/kernels/group/contrastBasis.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { makePermutations } from "../../../src/kernels/group/permutations.ts"
import { permutationTest } from "../../../src/kernels/group/permutationTest.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { cohortGrid, empty, groupConfig, writeCohort } from "../../support/madeUpCohort.ts"
import { writeMappedFolder } from "../../support/mappedFolder.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()
const patients = 40
const elements = Array.from({ length: 720 }, (_, v) => v).filter((v) => v !== empty)

/** A lesion of so many voxels from a place on, on the grid of the maps. */
const lesionOf = (n: number) => Array.from({ length: 3 + ((n * 5) % 11) }, (_, k) => 100 + n + k)

const writeLesion = (here: string, n: number) => {
  const values = new Uint8Array(720)
  for (const v of lesionOf(n)) values[v] = 1
  const name = `sub-${n}_space-MNI152NLin6Asym_label-lesion_mask.nii`
  writeFileSync(join(here, name), encodeNifti({ grid: cohortGrid, space: "MNI152NLin6Asym", values }))
  return name
}

/** A cohort with a lesion of every patient, and its maps. */
const made = (name: string, contrast: string, withLesions = true) => {
  const here = join(folder, name)
  // The symptom has nothing to do with what moves the maps, and with it their means.
  const maps = writeCohort(here, { patients, symptom: (n) => (n >> 1) % 2 })
  if (withLesions) {
    const rows = maps.map(
      (_, n) => `sub-${n}\tsub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii\t${writeLesion(here, n)}`
    )
    writeFileSync(join(here, "maps.tsv"), `participant_id\tmap\tlesion\n${rows.join("\n")}\n`)
  }
  const config = join(here, "group.yaml")
  writeFileSync(config, groupConfig(contrast))
  return { here, maps, config }
}

const replace = (file: string, from: string | RegExp, to: string) =>
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to))

const mapOf = async (here: string, name: string) =>
  (await Effect.runPromise(readVolume(join(here, "out", `space-MNI152NLin6Asym_${name}_statmap.nii.gz`)))).values

const tableOf = (here: string, name: string) =>
  readFileSync(join(here, "out", name), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))

const centralityOf = (map: Float32Array, lesion: ReadonlyArray<number>) => {
  const outside = [...map].filter((value, v) => value !== 0 && Number.isFinite(value) && !lesion.includes(v))
  return outside.reduce((sum, value) => sum + value, 0) / outside.length
}

const rejected = async (config: string, message: string, args: ReadonlyArray<string> = []) => {
  const { code, stderr } = await lnmHere(["run", config, ...args])
  assert.strictEqual(code, 2, stderr)
  assert.include(stderr, message)
}

const withBoth = "{ name: aphasia, of: aphasia, covariates: [lesion_volume, centrality], permutations: 199, seed: 5 }"

describe("lesions of a group's analysis", () => {
  it("makes covariates of lesions and maps, and tells of both", { timeout: 60_000 }, async () => {
    const { here, maps, config } = made("both", withBoth)
    const planned = await lnmHereSucceeds(["plan", config])
    assert.include(planned.stdout, "lesions     of 40 patients known")
    assert.include(planned.stdout, "checked again when centrality is known")
    await lnmHereSucceeds(["run", config])
    const volumes = Float64Array.from(maps, (_, n) => lesionOf(n).length * 0.064)
    const centralities = Float64Array.from(maps, (map, n) => centralityOf(map, lesionOf(n)))
    const [header, ...rows] = tableOf(here, "patients.tsv")
    assert.deepStrictEqual(header, ["participant_id", "maps", "lesion_volume", "centrality"])
    for (const [n, row] of rows.entries()) {
      assert.deepStrictEqual(row.slice(0, 2), [`sub-${n}`, "1"])
      assert.closeTo(Number(row[2]), volumes[n]!, 1e-6)
      assert.closeTo(Number(row[3]), centralities[n]!, 1e-6)
    }
    const effect = Float64Array.from(maps, (_, n) => (n >> 1) % 2)
    const nuisance = [volumes, centralities]
    const blocks = new Int32Array(patients)
    const basis = contrastBasis({ effect, nuisance, blocks })!
    const permutations = makePermutations([effect, ...nuisance], blocks, { permutations: 199, seed: 5 })
    const own = Float32Array.from(maps.flatMap((map) => elements.map((v) => map[v]!)))
    const tile = residualTile(basis, { maps: own, rowVoxels: 719, firstVoxel: 0, voxels: 719 })
    const test = permutationTest(tile, { basis, permutations, statistic: freedmanLane(basis) })
    const [t, pfwe, coverage] = [
      await mapOf(here, "desc-aphasia_stat-t"),
      await mapOf(here, "desc-aphasia_stat-pfwe"),
      await mapOf(here, "desc-coverage")
    ]
    for (const [k, v] of elements.entries()) {
      assert.closeTo(t[v]!, test.statistic[k]!, 2e-5 * Math.max(1, Math.abs(t[v]!)))
      assert.closeTo(pfwe[v]!, test.familyWise[k]!, 1e-7)
    }
    assert.deepStrictEqual([...new Set(coverage)].sort(), [0, patients])
    await lnmHereSucceeds(["verify", join(here, "out")])
  })

  it("finds when the maps have been read that centrality goes with the effect, and writes nothing", {
    timeout: 60_000
  }, async () => {
    const { here, maps, config } = made("confounded", withBoth)
    // The effect is the centrality itself, but for the last digits.
    const scores = maps.map((map, n) => centralityOf(map, lesionOf(n)).toFixed(6))
    const people = scores.map((score, n) => `sub-${n}\t${score}`)
    writeFileSync(join(here, "participants.tsv"), `participant_id\taphasia\n${people.join("\n")}\n`)
    await lnmHereSucceeds(["plan", config])
    await rejected(config, "the covariate centrality goes with aphasia (r = 1.000")
    assert.isFalse(existsSync(join(here, "out")))
  })

  it("checks lesion_volume before any map is read, and says where lesions would come from", {
    timeout: 60_000
  }, async () => {
    const volumeAlone = "{ name: v, of: aphasia, covariates: [lesion_volume], permutations: 199 }"
    const without = made("without", volumeAlone, false)
    await rejected(without.config, "contrast v names lesion_volume, which is made from the patients' lesions")
    await rejected(without.config, "in a column lesion of the table of maps")
    const some = made("some", volumeAlone)
    replace(join(some.here, "maps.tsv"), /sub-7_space-MNI152NLin6Asym_label-lesion_mask.nii/, "n/a")
    await rejected(some.config, "lesion_volume: 7")
    const scores = Array.from({ length: patients }, (_, n) => `sub-${n}\t${lesionOf(n).length}`)
    const confounded = made("volumes", volumeAlone)
    writeFileSync(join(confounded.here, "participants.tsv"), `participant_id\taphasia\n${scores.join("\n")}\n`)
    await rejected(confounded.config, "the covariate lesion_volume goes with aphasia (r = 1.000")
    for (const { here } of [without, some, confounded]) assert.isFalse(existsSync(join(here, "out")))
  })

  it("takes a column of the table before one that it would make, with a warning", { timeout: 60_000 }, async () => {
    const { here, config } = made(
      "given",
      "{ name: a, of: aphasia, covariates: [centrality], permutations: 199 }",
      false
    )
    const people = Array.from({ length: patients }, (_, n) => `sub-${n}\t${n % 2}\t${(n * 7) % 40}`)
    writeFileSync(join(here, "participants.tsv"), `participant_id\taphasia\tcentrality\n${people.join("\n")}\n`)
    const { stderr } = await lnmHereSucceeds(["run", config])
    assert.include(stderr, "it has a column centrality, which could be made from maps and lesions")
    assert.deepStrictEqual(tableOf(here, "patients.tsv")[1], ["sub-0", "1", "n/a", "n/a"])
  })
})

describe("patients of a group's analysis", () => {
  it("does without the maps of those whom every contrast leaves out", { timeout: 60_000 }, async () => {
    const dropping = "{ name: aphasia, of: aphasia, permutations: 199, missing: drop }"
    const { here, config } = made("dropped", dropping)
    const names = [3, 8].map((n) => join(here, `sub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii`))
    // No header of it can be read; and of the other there is no row in the table of maps.
    writeFileSync(names[0]!, "nothing")
    replace(join(here, "maps.tsv"), /sub-8\t.*\n/, "")
    for (const n of [3, 8]) replace(join(here, "participants.tsv"), `sub-${n}\t${(n >> 1) % 2}`, `sub-${n}\tn/a`)
    const { stderr } = await lnmHereSucceeds(["run", config])
    assert.include(stderr, "every contrast leaves out 3, 8, who have no value in a column (missing: drop)")
    assert.deepStrictEqual(
      tableOf(here, "patients.tsv").map(([id]) => id),
      ["participant_id", ...Array.from({ length: patients }, (_, n) => `sub-${n}`).filter((_, n) => n !== 3 && n !== 8)]
    )
    assert.strictEqual(tableOf(here, "contrasts.tsv")[1]![2], "38")
    // A second contrast keeps one of them, whose map is not there then.
    writeFileSync(config, groupConfig(`${dropping}\n  - { name: age, of: age, permutations: 199, missing: drop }`))
    await rejected(config, "there is no map of 8")
    writeFileSync(config, groupConfig(dropping))
    replace(join(here, "participants.tsv"), /\t[01]\t/g, "\tn/a\t")
    await rejected(config, "no patient has a value in every column of a contrast")
  })
})

describe("maps of a group's analysis", () => {
  const contrast = "{ name: aphasia, of: aphasia, permutations: 199 }"
  const third = "sub-2_space-MNI152NLin6Asym_stat-z_statmap.nii"

  it("names a map that is truncated, no NIfTI file, missing, of several volumes or in another space", {
    timeout: 60_000
  }, async () => {
    const { here, maps, config } = made("wrong", contrast, false)
    const file = join(here, third)
    const encoded = encodeNifti({ grid: cohortGrid, space: "MNI152NLin6Asym", values: maps[2]! })
    truncateSync(file, 1000)
    await rejected(config, third)
    writeFileSync(file, "no image")
    await rejected(config, third)
    writeFileSync(file, encoded)
    // Compressed, it is known to be truncated only when its values are read.
    const packed = gzipSync(encoded)
    writeFileSync(join(here, `${third}.gz`), packed.subarray(0, packed.length - 500))
    replace(join(here, "maps.tsv"), third, `${third}.gz`)
    await rejected(config, `${third}.gz`)
    assert.isFalse(existsSync(join(here, "out")))
    replace(join(here, "maps.tsv"), `${third}.gz`, "none_stat-z_statmap.nii")
    await rejected(config, "none_stat-z_statmap.nii")
    const elsewhere = third.replace("6Asym", "2009cAsym")
    writeFileSync(join(here, elsewhere), encoded)
    replace(join(here, "maps.tsv"), "none_stat-z_statmap.nii", elsewhere)
    await rejected(config, `${elsewhere}: its name says space-MNI152NLin2009cAsym`)
    const several = { ...cohortGrid, shape: [10, 9, 8, 2] } as const
    mkdirSync(join(here, "two"))
    writeFileSync(join(here, "two", third), twoVolumes(encoded, several.shape))
    replace(join(here, "maps.tsv"), elsewhere, `two/${third}`)
    await rejected(config, "holds several volumes (10 × 9 × 8 × 2)")
  })

  it("tells of a map of an output folder that it has changed, also where it can no longer be read", {
    timeout: 60_000
  }, async () => {
    const { here, maps, config } = made("changed", contrast, false)
    const z = maps.map((map, n) => ({ patient: `${n}`, z: map, lesion: [n] }))
    writeMappedFolder(join(here, "mapped"), { grid: cohortGrid, lesionGrid: cohortGrid, patients: z, degree: 0.1 })
    const mapped = ["--set", "maps.path=mapped"]
    const { stdout } = await lnmHereSucceeds(["plan", config, ...mapped], { cwd: here })
    assert.include(stdout, "desc-degree_stat-r_statmap.nii.gz")
    const stem = "sub-4/sub-4_space-MNI152NLin6Asym_label-lesion_desc-boes_stat-z_statmap.nii.gz"
    writeFileSync(join(here, "mapped", stem), "no image")
    await rejected(config, `files are not as its manifest has them: ${stem}: 8 bytes instead of`, mapped)
  })

  it("checks the degree map that the config names", { timeout: 60_000 }, async () => {
    const { here, config } = made("degree", contrast, false)
    const degree = ["--set", "degree=degree.nii"]
    await rejected(config, "degree.nii", degree)
    const grid = { ...cohortGrid, shape: [9, 9, 8] } as const
    const bytes = encodeNifti({ grid, space: "MNI152NLin6Asym", values: new Float32Array(648) })
    writeFileSync(join(here, "degree.nii"), bytes)
    await rejected(config, "degree.nii: the map of the connectome's degree lies on another grid", degree)
  })
})

/** A file of one volume as one of two, which are the same. */
const twoVolumes = (encoded: Uint8Array, shape: ReadonlyArray<number>): Uint8Array => {
  const bytes = Buffer.concat([encoded, encoded.subarray(352)])
  for (const [axis, size] of [4, ...shape].entries()) bytes.writeInt16LE(size, 40 + 2 * axis)
  return bytes
}
