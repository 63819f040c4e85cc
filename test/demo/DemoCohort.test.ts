import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeDemoBrain, sideOf } from "../../src/demo/DemoBrain.ts"
import { type CohortPatient, makeDemoCohort, plantedNetwork } from "../../src/demo/DemoCohort.ts"
import { networkNames } from "../../src/demo/Network.ts"
import { cohortFiles, writeCohort } from "../../src/demo/writeCohort.ts"
import { readMask } from "../../src/imaging/readMask.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const brain = makeDemoBrain(1)
const cohort = makeDemoCohort(brain)
const planted = networkNames.indexOf(plantedNetwork) + 1

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length

const withNeglect = cohort.filter(({ neglect }) => neglect)
const without = cohort.filter(({ neglect }) => !neglect)

/** How much larger the mean of a number is with neglect, in standard deviations over all patients. */
const difference = (of: (patient: CohortPatient) => number): number => {
  const all = cohort.map(of)
  const deviation = Math.sqrt(mean(all.map((value) => (value - mean(all)) ** 2)))
  return (mean(withNeglect.map(of)) - mean(without.map(of))) / deviation
}

describe("the demo's cohort", () => {
  it("is the same each time, of patients with one lesion each in one hemisphere", () => {
    assert.deepStrictEqual(makeDemoCohort(brain), cohort)
    assert.strictEqual(new Set(cohort.map(({ participant }) => participant)).size, 60)
    assert.strictEqual(new Set(cohort.map(({ lesion }) => lesion.join())).size, 60)
    for (const { lesion } of cohort) {
      assert.isAtLeast(lesion.length, 40)
      assert.strictEqual(new Set(lesion.map((voxel) => sideOf(brain, voxel))).size, 1)
    }
  })

  it("has the symptom where much of the lesion lies in the planted network, as group and as score", () => {
    for (const { lesion, share } of cohort) {
      assert.closeTo(share, mean(lesion.map((voxel) => (brain.network[voxel] === planted ? 1 : 0))), 1e-12)
    }
    assert.isAbove(
      difference(({ share }) => share),
      1
    )
    assert.isAbove(
      difference(({ missed }) => missed),
      1
    )
    for (const { missed } of cohort) assert.isTrue(Number.isInteger(missed) && missed >= 0 && missed <= 60)
  })

  it("has no place that most lesions of patients with the symptom share, as docs/group.md says", () => {
    const lesions = new Int32Array(brain.voxels)
    for (const { lesion } of withNeglect) for (const voxel of lesion) lesions[voxel]!++
    assert.deepStrictEqual([withNeglect.length, Math.max(...lesions)], [28, 4])
  })

  it("is not decided by the network alone, and has both groups at each of its three sites, in shares of their own", () => {
    assert.isAbove(withNeglect.length, 20)
    assert.isAbove(without.length, 20)
    assert.isAbove(Math.max(...without.map(({ share }) => share)), Math.min(...withNeglect.map(({ share }) => share)))
    const counts = [...Map.groupBy(withNeglect, ({ site }) => site).values()].map(({ length }) => length)
    assert.strictEqual(counts.length, 3)
    assert.isBelow(Math.max(...counts), 20)
    assert.isAbove(Math.max(...counts) - Math.min(...counts), 3)
  })

  it("is written as masks and a table that say the same", async () => {
    const folder = scratchFolder()
    await Effect.runPromise(writeCohort(brain, folder))
    const files = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = files.flatMap((file) => (file.isFile() ? [join(file.parentPath, file.name)] : []))
    assert.deepStrictEqual(names.sort(), cohortFiles.map((file) => join(folder, file)).sort())
    const [header, ...rows] = (await readFile(join(folder, "participants.tsv"), "utf8")).trim().split("\n")
    assert.strictEqual(header, "participant_id\tsite\tage\tneglect\tcancellation")
    assert.strictEqual(rows.length, 60)
    for (const [n, { participant, neglect, missed, site, ageYears }] of cohort.entries()) {
      assert.strictEqual(rows[n], [participant, site, ageYears, neglect ? "yes" : "no", missed].join("\t"), participant)
    }
    const { elements } = await Effect.runPromise(readMask(names.find((name) => name.includes("sub-07_"))!))
    const own = cohort[6]!.lesion.map((voxel) => brain.gridIndex[voxel]!)
    assert.deepStrictEqual(
      [...elements].sort((a, b) => a - b),
      own.sort((a, b) => a - b)
    )
  })
})
