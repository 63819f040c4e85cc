/** What is read out of the tables of a group's folder, before any of it is drawn. */
import { assert, describe, it } from "@effect/vitest"
import { significantVoxels } from "../../../src/report/group/contrastFindings.ts"
import { likenessWords } from "../../../src/report/group/diagnosisSection.ts"
import { isNumeric, numberIn, parseGroupTable } from "../../../src/report/group/groupTable.ts"
import { binned } from "../../../src/report/group/nullChart.ts"
import { sweepLines } from "../../../src/report/group/overlapSection.ts"
import { meanSimilarities, readOutsIn } from "../../../src/report/group/predictionFindings.ts"
import { ticksBetween } from "../../../src/report/ticks.ts"

describe("the tables of a group's folder", () => {
  it("have numbers, texts, and what is not known", () => {
    const table = parseGroupTable("a\tb\tc\n1\tx\tn/a\nn/a\t2\tn/a\n3\n")
    assert.deepStrictEqual(
      ["a", "b", "c"].map((column) => isNumeric(table, column)),
      [true, false, false]
    )
    assert.deepStrictEqual(
      table.rows.map((row) => numberIn(row, "a")),
      [1, Number.NaN, 3]
    )
    assert.isNaN(numberIn(table.rows[0]!, "d"))
  })

  it("give a line of the sweep for each share, its points in order of the level", () => {
    const table = parseGroupTable(
      "tau\tsign\tshare\tvoxels\tvolume_ml\n7\t+\t0.9\t3\t0.3\n5\t+\t0.9\t8\t0.8\n5\t-\t0.9\t1\t0.1\n5\t+\t0.75\t9\t0.9\n"
    )
    assert.deepStrictEqual(sweepLines(table, 1), [
      { share: 0.75, points: [{ tau: 5, volumeMl: 0.9 }] },
      {
        share: 0.9,
        points: [
          { tau: 5, volumeMl: 0.8 },
          { tau: 7, volumeMl: 0.3 }
        ]
      }
    ])
    assert.deepStrictEqual(sweepLines(table, -1), [{ share: 0.9, points: [{ tau: 5, volumeMl: 0.1 }] }])
  })

  it("give a patient who is predicted in every repeat the mean of the similarities", () => {
    const table = parseGroupTable(
      "repeat\tfold\tparticipant_id\tscore\tsimilarity\n1\t1\tsub-a\t4\t0.1\n1\t2\tsub-b\t5\t0.2\n2\t1\tsub-a\t4\t0.5\n"
    )
    assert.deepStrictEqual(meanSimilarities(table), [
      { patient: "sub-a", score: 4, similarity: 0.3 },
      { patient: "sub-b", score: 5, similarity: 0.2 }
    ])
  })

  it("have read-outs at whatever depth they were written", () => {
    const json = {
      Score: "naming",
      Spearman: { value: 0.5, p: 0.01, OfRepeats: [0.5] },
      PartialSpearman: { value: 0.4, p: 0.02, Given: ["age"] },
      Alone: { volume: { value: 0.1 } },
      Together: null
    }
    assert.deepStrictEqual(readOutsIn(json), [
      { name: "Spearman", value: 0.5, p: 0.01, given: [] },
      { name: "PartialSpearman", value: 0.4, p: 0.02, given: ["age"] },
      { name: "Alone volume", value: 0.1, p: undefined, given: [] }
    ])
    assert.deepStrictEqual(readOutsIn(undefined), [])
  })
})

describe("significant voxels", () => {
  it("are those below 0.05 by the sign of the statistic, 0.05 itself not among them", () => {
    const p = Float32Array.of(0.01, 0.04, 0.0499, 0.05, 0.2, 0.001)
    const t = Float32Array.of(5, -4, 3, 3, 1, 0)
    const { inference, outline } = significantVoxels("voxel", p, t, Int32Array.of(0, 1, 3, 4, 5))
    assert.deepStrictEqual([inference.positive, inference.negative], [1, 1])
    assert.closeTo(inference.least, 0.001, 1e-9)
    assert.deepStrictEqual([...outline], [1, 1, 0, 0, 0, 0])
  })
})

describe("words on the degree", () => {
  const row = (map: string, ...r: ReadonlyArray<number | undefined>) => ({ map, with: r })

  it("name the maps that are much like it, of either sign", () => {
    const rows = [row("t", 0.62, 0.9), row("effect", -0.5, 0), row("mean", 0.49, 0.9), row("lost", undefined, 0.9)]
    const words = likenessWords(rows, ["degree", "component1"])
    assert.include(words, "t (r = 0.62) and effect (r = -0.50)")
    assert.notMatch(words, /mean|lost/)
  })

  it("say that none is, or that there is no degree to compare with", () => {
    assert.include(likenessWords([row("t", 0.1)], ["degree"]), "No map")
    assert.include(likenessWords([row("t", 0.9)], ["component1"]), "no map of the connectome's degree")
  })
})

describe("axes", () => {
  it("have round numbers around the values, of any sign", () => {
    assert.deepStrictEqual(ticksBetween(-0.31, 0.62, 5), [-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8])
    assert.deepStrictEqual(ticksBetween(5, 9, 5), [5, 6, 7, 8, 9])
    assert.deepStrictEqual(ticksBetween(3, 3), [3, 4])
  })

  it("count every value once, the largest too", () => {
    const counts = binned([0, 0.1, 1, 2, 2], 0, 2)
    assert.strictEqual(
      counts.reduce((sum, one) => sum + one, 0),
      5
    )
    assert.deepStrictEqual([counts[0], counts[20], counts.at(-1)], [1, 1, 2])
  })
})
