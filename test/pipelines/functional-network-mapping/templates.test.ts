/** Runs on lesions of the other template: the maps are those of lesions that lie where the warp brings them. */
import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { readManifest } from "../../../src/output/Manifest.ts"
import { outlineOf } from "../../../src/report/reportedLesions.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain } from "../../support/tinyConnectome.ts"
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

  it("says so in plan, summary, sidecars and manifest, and draws no outline where the file lies", {
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
    assert.isUndefined(await Effect.runPromise(outlineOf(lesions[0]!, {}, { add: () => {} } as never, tinyBrain.grid)))
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
    await refused(
      config("back", "elsewhere", { templates: "templates", output: { path: "back", grid: "lesion" } }),
      "maps are not brought back there"
    )
  })
})
