/** Runs on lesions of the other template: the maps are those of lesions that lie where the warp brings them. */
import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { voxelsOf } from "../../../src/imaging/Grid.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { readManifest } from "../../../src/output/Manifest.ts"
import { ReportNotes } from "../../../src/report/ReportNotes.ts"
import { outlineOf } from "../../../src/report/reportedLesions.ts"
import { indexStudy } from "../../../src/report/viewer/indexStudy.ts"
import { type Warning, Warnings } from "../../../src/runtime/Warnings.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { readPatientLesions } from "../../../src/stages/group/patientLesions.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain, voxelAt } from "../../support/tinyConnectome.ts"
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
const warp = `tpl-MNI152NLin6Asym_from-${other}_mode-image_xfm.h5`
const subjects = lesionCentres.map((_, n) => `00${n + 1}`)

/** Lesions of a folder, as if they lay in another space. */
const renamed = (name: string, space: string) => {
  const lesions = writeLesions(join(folder, name))
  for (const subject of subjects) {
    renameSync(join(lesions, lesionName(subject)), join(lesions, lesionName(subject, space)))
  }
}

const made = (async () => {
  const study = await writeTinyStudy(folder, { subjects: 4 })
  renamed("elsewhere", other)
  renamed("nowhere", "MNI152Lin")
  // The warp takes a point of the connectome to one that lies a voxel, of 4 mm, further right and back.
  writeLesions(
    join(folder, "brought"),
    lesionCentres.map(([i, j, k]) => [i - 1, j + 1, k] as const)
  )
  writeFile(join(folder, "templates/README"), "")
  await writeItkTransform(join(folder, "templates", warp), [composite, shiftBy(-4, 4, 0)])
  const config = (name: string, lesions: string, keys: object = {}) =>
    writeConfig(join(folder, `${name}.yaml`), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      lesions: { path: lesions },
      output: { path: name },
      ...keys
    })
  const warping = config("warping", "elsewhere", { templates: "templates" })
  await lnmHereSucceeds(["run", warping])
  await lnmHereSucceeds(["run", config("others", "brought")])
  return { warping, config }
})()

const here = join(folder, "warping")
const mapOf = (output: string, subject: string) =>
  `${output}/sub-${subject}/sub-${subject}_space-MNI152NLin6Asym_label-lesion_desc-boes_stat-z_statmap`

const valuesOf = async (file: string) => (await Effect.runPromise(readVolume(file))).values

describe("templates of functional-network-mapping", () => {
  it("makes the maps of lesions that lie where the warp brings them", { timeout: 60_000 }, async () => {
    await made
    for (const subject of subjects) {
      const [own, expected] = [here, join(folder, "others")].map((output) => `${mapOf(output, subject)}.nii.gz`)
      assert.deepStrictEqual(await valuesOf(own!), await valuesOf(expected!))
    }
  })

  it("says so in plan, summary, sidecars and manifest", {
    timeout: 60_000
  }, async () => {
    const { warping } = await made
    const { stdout } = await lnmHereSucceeds(["plan", warping])
    assert.include(stdout, `brought over from ${other}: 4 of 4`)
    const [header, ...rows] = readFileSync(join(here, "summary.tsv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("\t"))
    for (const row of rows) {
      const value = (column: string) => row[header!.indexOf(column)]
      assert.strictEqual(value("warped_from"), other)
      assert.strictEqual(value("warped_volume_ml"), value("volume_ml"))
      assert.strictEqual(value("warped_outside_percent"), "0")
    }
    const columns = Object.keys(JSON.parse(readFileSync(join(here, "summary.json"), "utf8")))
    assert.sameMembers(columns, header!)
    assert.notInclude(readFileSync(join(folder, "others/summary.tsv"), "utf8"), "warped")
    const sidecar = JSON.parse(readFileSync(`${mapOf(here, "001")}.json`, "utf8"))
    assert.strictEqual(sidecar.LesionWarpedFrom, other)
    const { lesions, inputs } = await Effect.runPromise(readManifest(here))
    assert.isTrue(lesions.every(({ warpedFrom }) => warpedFrom === other))
    assert.isTrue(JSON.stringify(inputs).includes(warp))
    assert.include(readFileSync(join(here, "report.html"), "utf8"), `4 lesions in ${other} were brought`)
  })

  it("shows the lesions where they were brought, in the report, the viewer and a group's analysis, without the templates", {
    timeout: 60_000
  }, async () => {
    await made
    const manifest = await Effect.runPromise(readManifest(here))
    const space = "MNI152NLin6Asym"
    const notes = new ReportNotes()
    const { maps } = await Effect.runPromise(findCohortMaps([here]))
    const cohort = { patients: maps.map(({ patient }) => patient), maps: maps.map((map) => [map]), space }
    const group = await Effect.runPromise(readPatientLesions({ ...cohort, grid: tinyBrain.grid }))
    const { resources } = indexStudy(here, manifest)
    for (const [n, [i, j, k]] of lesionCentres.entries()) {
      const expected = Array.from({ length: voxelsOf(tinyBrain.grid) }, (_, v) => v).filter((v) => {
        const [x, y, z] = voxelAt(tinyBrain.grid, v) as [number, number, number]
        return Math.hypot(x - (i - 1), y - (j + 1), z - k) <= 1
      })
      const lesion = manifest.lesions[n]!
      const outline = await Effect.runPromise(outlineOf(here, lesion, tinyBrain.grid, {}, notes))
      assert.deepStrictEqual([...outline!.elements], expected)
      assert.deepStrictEqual(outline!.grid.affine, tinyBrain.grid.affine)
      const image = writeFile(
        join(folder, `${n}.nii`),
        await Effect.runPromise(resources.get(`/lesions/${n}.nii`)!.read)
      )
      const values = await valuesOf(image)
      assert.deepStrictEqual(
        [...values.keys()].filter((v) => values[v] === 1),
        expected
      )
      assert.deepStrictEqual([...group.lesions[n]!.elements], expected)
      assert.closeTo(group.lesions[n]!.volumeMl, Number(lesion.summary.warped_volume_ml), 1e-12)
    }
    assert.deepStrictEqual(notes.all, [])
    const html = readFileSync(join(here, "report.html"), "utf8")
    renameSync(join(folder, "templates"), join(folder, "away"))
    await lnmHereSucceeds(["report", here])
    renameSync(join(folder, "away"), join(folder, "templates"))
    const pictures = (page: string) => page.match(/data:image\/png;base64,[^"]+/g)
    assert.deepStrictEqual(pictures(readFileSync(join(here, "report.html"), "utf8")), pictures(html))
  })

  it("draws no outline and knows no volume of a lesion that an earlier version has brought over, and says so", {
    timeout: 60_000
  }, async () => {
    await made
    const file = join(here, "manifest.json")
    const manifest = JSON.parse(readFileSync(file, "utf8"))
    for (const lesion of manifest.lesions) delete lesion.asMapped
    const earlier = join(folder, "earlier")
    writeFile(join(earlier, "manifest.json"), JSON.stringify(manifest))
    const notes = new ReportNotes()
    assert.isUndefined(await Effect.runPromise(outlineOf(here, manifest.lesions[0], tinyBrain.grid, {}, notes)))
    assert.include(notes.all[0], "an earlier version brought over")
    const { maps } = await Effect.runPromise(findCohortMaps([earlier]))
    const cohort = { patients: maps.map(({ patient }) => patient), maps: maps.map((map) => [map]) }
    const warnings: Array<Warning> = []
    const { lesions } = await Effect.runPromise(
      readPatientLesions({ ...cohort, grid: tinyBrain.grid, space: "MNI152NLin6Asym" }).pipe(
        Effect.provideService(Warnings, {
          warn: (some) => Effect.sync(() => void warnings.push(...some)),
          all: Effect.succeed([])
        })
      )
    )
    assert.deepStrictEqual(lesions, [undefined, undefined, undefined, undefined])
    assert.strictEqual(warnings.length, 4)
    assert.include(warnings[0]!.found, "by an earlier version")
    const { index } = indexStudy(here, manifest)
    assert.isTrue(index.entries.every(({ lesion }) => lesion === undefined))
  })

  it("refuses what it cannot bring over, and names the file that is needed", { timeout: 60_000 }, async () => {
    const { config } = await made
    const refused = async (file: string, ...words: ReadonlyArray<string>) => {
      const { code, stderr } = await lnmHere(["run", file])
      assert.strictEqual(code, 2)
      for (const word of words) assert.include(stderr.replaceAll(/\s+/g, " "), word)
    }
    await refused(config("none", "elsewhere"), warp, "lnm fetch mni152nlin6asym")
    await refused(config("empty", "elsewhere", { templates: "lesions" }), "has no file", warp)
    await refused(config("linear", "nowhere", { templates: "templates" }), "its name says space-MNI152Lin")
  })
})
