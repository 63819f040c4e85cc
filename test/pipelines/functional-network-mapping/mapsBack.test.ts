/** Maps on the own grids of lesions that lie in the other template. */
import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { voxelsOf } from "../../../src/imaging/Grid.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { readManifest } from "../../../src/output/Manifest.ts"
import { ReportNotes } from "../../../src/report/ReportNotes.ts"
import { outlineOf } from "../../../src/report/reportedLesions.ts"
import { contentOf, isTimed } from "../../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain, tinySpace, voxelAt } from "../../support/tinyConnectome.ts"
import {
  lesionCentres,
  lesionName,
  writeConfig,
  writeFile,
  writeLesions,
  writeTinyStudy
} from "../../support/tinyStudy.ts"
import { composite, shiftBy, writeItkTransform } from "../../support/writeItkTransform.ts"

const folder = scratchFolder()
const other = "MNI152NLin2009cAsym"
const over = `tpl-${tinySpace}_from-${other}_mode-image_xfm.h5`
const back = `tpl-${other}_from-${tinySpace}_mode-image_xfm.h5`
const brought = ["001", "002", "003"]

const made = (async () => {
  const study = await writeTinyStudy(folder, { subjects: 4 })
  const lesions = writeLesions(join(folder, "mixed"))
  for (const subject of brought) {
    renameSync(join(lesions, lesionName(subject)), join(lesions, lesionName(subject, other)))
  }
  for (const name of ["one", `templates/tpl-${other}`, `templates/tpl-${tinySpace}`]) {
    writeFile(join(folder, name, "README"), "")
  }
  // A point of the connectome goes to one that lies a voxel, of 4 mm, further right and back.
  await writeItkTransform(join(folder, "one", over), [composite, shiftBy(-4, 4, 0)])
  await writeItkTransform(join(folder, `templates/tpl-${tinySpace}`, over), [composite, shiftBy(-4, 4, 0)])
  await writeItkTransform(join(folder, `templates/tpl-${other}`, back), [composite, shiftBy(4, -4, 0)])
  const config = (name: string, grid: string, keys: object = {}) =>
    writeConfig(join(folder, `${name}.yaml`), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      lesions: { path: "mixed" },
      templates: "templates",
      statistics: { maps: ["r", "z", "t", "p", "pfdr"], t_threshold: 3, degree: true },
      output: { path: name, grid },
      ...keys
    })
  await lnmHereSucceeds(["run", config("there", "connectome"), "--workers", "1"])
  await lnmHereSucceeds(["run", config("back", "lesion"), "--workers", "1"])
  return { config }
})()

const mapOf = (output: string, subject: string, space: string, what: string) =>
  join(folder, output, `sub-${subject}/sub-${subject}_space-${space}_label-lesion_desc-boes_${what}`)

const valuesOf = async (file: string) => (await Effect.runPromise(readVolume(`${file}.nii.gz`))).values

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

describe("maps on the grids of lesions of the other template", () => {
  it("lie where the warp back takes the voxels of the lesion's file", { timeout: 60_000 }, async () => {
    await made
    const { grid } = tinyBrain
    const [nx, ny] = grid.shape
    for (const [what, outside] of [
      ["stat-r_statmap", 0],
      ["stat-t_statmap", 0],
      ["stat-p_statmap", 1],
      ["stat-pfdr_statmap", 1],
      ["stat-tthreshold_mask", 0]
    ] as const) {
      for (const subject of brought) {
        const there = await valuesOf(mapOf("there", subject, tinySpace, what))
        const found = await valuesOf(mapOf("back", subject, other, what))
        const expected = Float64Array.from({ length: voxelsOf(grid) }, (_, v) => {
          const [i, j, k] = voxelAt(grid, v) as [number, number, number]
          const isBeyond = i === 0 || j === ny - 1
          return isBeyond ? outside : there[i - 1 + nx * (j + 1 + ny * k)]!
        })
        assert.deepStrictEqual([...found], [...expected])
        assert.notDeepEqual([...found], [...there])
      }
      // A lesion of the connectome's own template lies on the same grid as before.
      const own = await valuesOf(mapOf("back", "004", tinySpace, what))
      assert.deepStrictEqual(own, await valuesOf(mapOf("there", "004", tinySpace, what)))
    }
  })

  it("say the lesion's template in names and sidecars, and list both warps among the inputs", {
    timeout: 60_000
  }, async () => {
    const { config } = await made
    const sidecar = JSON.parse(readFileSync(`${mapOf("back", "001", other, "stat-t_statmap")}.json`, "utf8"))
    assert.strictEqual(sidecar.SpatialReference, other)
    assert.strictEqual(sidecar.Grid, "lesion")
    assert.include(sidecar.MapWarp, back)
    assert.include(sidecar.LesionWarp, over)
    const unwarped = JSON.parse(readFileSync(`${mapOf("back", "004", tinySpace, "stat-t_statmap")}.json`, "utf8"))
    assert.strictEqual(unwarped.SpatialReference, tinySpace)
    assert.isUndefined(unwarped.MapWarp)
    const { inputs, outputs } = await Effect.runPromise(readManifest(join(folder, "back")))
    for (const name of [over, back]) {
      const record = inputs.find(({ path }) => path.endsWith(name))
      assert.match(JSON.stringify(record), /"sha256":"[0-9a-f]{64}"/)
    }
    assert.isTrue(outputs.some(({ path }) => path === `space-${tinySpace}_desc-degree_stat-r_statmap.nii.gz`))
    const { stdout } = await lnmHereSucceeds(["plan", config("back", "lesion")])
    assert.include(stdout, "their maps are brought back there, by")
    assert.include(stdout, "4 lesion(s) have their maps already")
    await lnmHereSucceeds(["verify", join(folder, "back"), "--inputs"])
  })

  it("are the same bytes for any number of workers, passes and parts", { timeout: 60_000 }, async () => {
    const { config } = await made
    const expected = contentOf(join(folder, "back"), isResult)
    const three = config("three", "lesion", { lesions: { path: "mixed", batch_size: 1 } })
    await lnmHereSucceeds(["run", three, "--workers", "3"])
    assert.deepStrictEqual(contentOf(join(folder, "three"), isResult), expected)
    const parts = config("parts", "lesion")
    for (const part of ["1/2", "2/2"]) await lnmHereSucceeds(["run", parts, "--part", part])
    await lnmHereSucceeds(["merge", parts])
    assert.deepStrictEqual(contentOf(join(folder, "parts"), isResult), expected)
  })

  it("are refused when planned, where the warp back is missing, by the name of its file", {
    timeout: 60_000
  }, async () => {
    const { config } = await made
    const { code, stderr } = await lnmHere(["plan", config("lacking", "lesion", { templates: "one" })])
    assert.strictEqual(code, 2)
    for (const words of [back, "brings its maps back", "lnm fetch mni152nlin6asym"]) {
      assert.include(stderr.replaceAll(/\s+/g, " "), words)
    }
  })

  it("are shown with the lesions of their own files, and never added to maps of another template", {
    timeout: 60_000
  }, async () => {
    await made
    const at = join(folder, "back")
    const { lesions, outputs } = await Effect.runPromise(readManifest(at))
    const notes = new ReportNotes()
    for (const [n, lesion] of lesions.entries()) {
      const outline = await Effect.runPromise(outlineOf(at, lesion, tinyBrain.grid, {}, notes))
      const [i, j, k] = lesionCentres[n]!
      const centre = i + tinyBrain.grid.shape[0] * (j + tinyBrain.grid.shape[1] * k)
      assert.include([...outline!.elements], centre)
      assert.strictEqual(outline!.elements.length, 7)
    }
    assert.deepStrictEqual(notes.all, [])
    const mirrored = { ...lesions[0]!, flipped: true }
    assert.isUndefined(await Effect.runPromise(outlineOf(at, mirrored, tinyBrain.grid, {}, notes)))
    assert.include(notes.all[0], "mirrored in the connectome's template")
    const overlaps = (name: string) =>
      outputs.filter(({ path }) => path.includes("_desc-overlap_") && path.startsWith(`space-${name}`))
    assert.deepStrictEqual([...overlaps(tinySpace), ...overlaps(other)], [])
    const page = readFileSync(join(at, "report.html"), "utf8")
    assert.include(page, "the maps lie on 2 different grids, of two templates")
    assert.include(page, `Maps in ${other} are not compared with the connectome`)
    assert.include(readFileSync(join(folder, "there/report.html"), "utf8"), "Overlap of their networks")
  })

  it("cannot be mixed in a group's analysis with those of another template", { timeout: 60_000 }, async () => {
    await made
    const group = writeConfig(join(folder, "group.yaml"), {
      pipeline: "group-network-mapping",
      maps: { path: "back" },
      participants: writeFile(
        join(folder, "participants.tsv"),
        ["participant_id\tage", ...[...brought, "004"].map((subject, n) => `sub-${subject}\t${50 + n}`), ""].join("\n")
      ),
      contrasts: [{ name: "age", of: "age", permutations: 10, tfce: false }],
      output: { path: "group" }
    })
    const { code, stderr } = await lnmHere(["plan", group])
    assert.strictEqual(code, 2)
    assert.include(
      stderr.replaceAll(/\s+/g, " "),
      `its name says space-${tinySpace}, and the other maps are in ${other}`
    )
  })
})
