/** Runs with `lesions.flip: left`: the maps are those of lesions that lie on the left, and everything that a run leaves says so. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { stringify } from "yaml"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { readManifest } from "../../../src/output/Manifest.ts"
import { outlineOf } from "../../../src/report/reportedLesions.ts"
import { indexStudy } from "../../../src/report/viewer/indexStudy.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { readPatientLesions } from "../../../src/stages/group/patientLesions.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain, voxelAt } from "../../support/tinyConnectome.ts"
import { lesionCentres, writeConfig, writeFile, writeLesions, writeTinyStudy } from "../../support/tinyStudy.ts"

const folder = scratchFolder()

/** Two lesions lie on the right, of which x of the tiny brain's voxels is above 5.5. */
const onTheLeft = lesionCentres.map(([i, j, k]) => [i > 5.5 ? 11 - i : i, j, k] as const)
const flipped = lesionCentres.map(([i]) => i > 5.5)

const made = (async () => {
  const study = await writeTinyStudy(folder, { subjects: 4 })
  writeLesions(join(folder, "mirrored"), onTheLeft)
  const config = (name: string, lesions: object) =>
    writeConfig(join(folder, `${name}.yaml`), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      lesions,
      output: { path: name }
    })
  const flipping = config("flipping", { path: "lesions", flip: "left" })
  await lnmHereSucceeds(["run", flipping])
  await lnmHereSucceeds(["run", config("others", { path: "mirrored" })])
  return { flipping, study }
})()

const here = join(folder, "flipping")
const mapOf = (output: string, n: number, statistic: string) =>
  `${output}/sub-00${n + 1}/sub-00${n + 1}_space-MNI152NLin6Asym_label-lesion_desc-boes_stat-${statistic}_statmap`

const valuesOf = async (file: string) => (await Effect.runPromise(readVolume(file))).values

describe("lesions.flip of functional-network-mapping", () => {
  it("makes the maps of lesions that lie on the left", { timeout: 60_000 }, async () => {
    await made
    for (const n of lesionCentres.keys()) {
      for (const statistic of ["z", "t"]) {
        const [own, other] = [here, join(folder, "others")].map((output) => `${mapOf(output, n, statistic)}.nii.gz`)
        assert.deepStrictEqual(await valuesOf(own!), await valuesOf(other!))
      }
    }
  })

  it("says so in plan, summary, manifest, sidecars and report", { timeout: 60_000 }, async () => {
    const { flipping } = await made
    const { stdout } = await lnmHereSucceeds(["plan", flipping])
    assert.include(stdout, "mirrored to the left hemisphere: 2 of 4")
    const json = await lnmHereSucceeds(["plan", flipping, "--json"])
    assert.strictEqual(JSON.parse(json.stdout).flipped_lesions, 2)
    const [header, ...rows] = readFileSync(join(here, "summary.tsv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("\t"))
    assert.deepStrictEqual(
      rows.map((row) => row[header!.indexOf("flipped")]),
      flipped.map((is) => (is ? "yes" : "no"))
    )
    const { lesions } = await Effect.runPromise(readManifest(here))
    assert.deepStrictEqual(
      lesions.map((lesion) => lesion.flipped === true),
      flipped
    )
    for (const [n, is] of flipped.entries()) {
      const sidecar = JSON.parse(readFileSync(`${mapOf(here, n, "z")}.json`, "utf8"))
      assert.deepStrictEqual([sidecar.LesionFlip, sidecar.LesionFlipped], ["left", is])
    }
    const report = readFileSync(join(here, "report.html"), "utf8")
    assert.include(report, "were mirrored at the midsagittal plane (x = 0)")
    assert.include(report, "these were 2 lesions.")
  })

  it("shows the lesions where they were mapped, and gives them so to a group's analysis", {
    timeout: 60_000
  }, async () => {
    await made
    const manifest = await Effect.runPromise(readManifest(here))
    const elementsOf = (centre: readonly number[]) =>
      Array.from({ length: 12 * 14 * 12 }, (_, v) => v).filter(
        (v) => Math.hypot(...voxelAt(tinyBrain.grid, v).map((index, axis) => index - centre[axis]!)) <= 1
      )
    const { resources } = indexStudy(here, manifest)
    const { maps } = await Effect.runPromise(findCohortMaps([here]))
    const cohort = { patients: maps.map(({ patient }) => patient), maps: maps.map((map) => [map]) }
    const space = "MNI152NLin6Asym"
    const group = await Effect.runPromise(readPatientLesions({ ...cohort, grid: tinyBrain.grid, space }))
    for (const [n, centre] of onTheLeft.entries()) {
      const image = writeFile(
        join(folder, `${n}.nii`),
        await Effect.runPromise(resources.get(`/lesions/${n}.nii`)!.read)
      )
      const values = await valuesOf(image)
      assert.deepStrictEqual(
        [...values.keys()].filter((v) => values[v] === 1),
        elementsOf(centre)
      )
      assert.deepStrictEqual([...group.lesions[n]!.elements], elementsOf(centre))
      const outline = await Effect.runPromise(
        outlineOf(here, manifest.lesions[n]!, tinyBrain.grid, {}, { add: () => {} } as never)
      )
      assert.strictEqual(outline!.grid.affine[0], flipped[n] ? -4 : 4)
    }
  })

  it("refuses to add maps to a folder whose lesions were mapped where they lie, or the other way round", {
    timeout: 60_000
  }, async () => {
    const { flipping } = await made
    const { code, stderr } = await lnmHere(["run", flipping, "--set", "lesions.flip=null"])
    assert.strictEqual(code, 2)
    assert.include(stderr, "lesions.flip is not there, was left")
    assert.notInclude(stringify(await Effect.runPromise(readManifest(join(folder, "others")))), "flipped: true")
  })
})
