import { assert, describe, it } from "@effect/vitest"
import { numbersOf } from "../../src/output/mapNumbers.ts"
import { formatSummary, summarise } from "../../src/output/Summary.ts"
import { lesionOf } from "../support/runStages.ts"

const maps = {
  r: Float64Array.of(0.1, -0.25, 0.9, 0),
  z: Float64Array.of(0.1, -0.26, 1.4, 0),
  t: Float64Array.of(1, -2, 30.123456789, 0),
  sd: Float64Array.of(0.3, 0.2, 0.1, 0),
  p: Float64Array.of(0.3, 0.05, 1e-12, 1),
  pfdr: Float64Array.of(0.4, 0.1, 4e-12, 1)
}

const result = (tthreshold: Uint8Array | undefined) => ({
  subjects: 24,
  invalidVoxels: 5,
  invalidSeeds: 2,
  numbers: numbersOf(maps, { pfdrthreshold: Uint8Array.of(0, 0, 1, 0), tthreshold })
})

describe("summarise", () => {
  it("says how much of the lesion was used and how strong its network is", () => {
    const lesion = lesionOf("sub-01_mask.nii.gz", [0, 2])
    const warnings = [
      { file: lesion.file, found: "it holds 0.5", taken: "Values above 0 are lesion" },
      { file: "another_mask.nii.gz", found: "it is empty", taken: "It is left out" }
    ]
    const row = summarise(lesion, result(Uint8Array.of(0, 1, 1, 0)), warnings)
    assert.deepStrictEqual(row, {
      lesion: "sub-01_mask.nii.gz",
      volume_ml: 0.024,
      lesion_voxels: 3,
      grid_voxels: 2,
      mask_voxels: 2,
      seed_voxels: 2,
      subjects: 24,
      r_min: -0.25,
      r_max: 0.9,
      r_mean: 0.1875,
      t_min: -2,
      t_max: 30.123456789,
      t_mean: 29.123456789 / 4,
      significant_voxels: 1,
      significant_percent: 25,
      t_threshold_voxels: 2,
      t_threshold_positive_voxels: 1,
      t_threshold_percent: 50,
      invalid_voxels: 5,
      invalid_seeds: 2,
      flipped: "no",
      warnings: "it holds 0.5. Values above 0 are lesion."
    })
  })
})

describe("formatSummary", () => {
  const rows = [
    summarise(lesionOf("a_mask.nii.gz", [0, 2]), result(undefined)),
    summarise(lesionOf("b_mask.nii.gz", [1]), result(Uint8Array.of(1, 1, 1, 1)))
  ]
  const table = formatSummary(rows)
    .split("\n")
    .map((line) => line.split("\t"))

  it("has a header, a row a lesion, and the same columns in each", () => {
    assert.strictEqual(table.length, 4)
    assert.deepStrictEqual(table[3], [""])
    assert.deepStrictEqual(table[0], Object.keys(rows[0]!))
    assert.isTrue(table.slice(1, 3).every(({ length }) => length === table[0]!.length))
  })

  it("writes counts whole, numbers with float32's seven digits, and n/a for what was not asked for", () => {
    const cell = (row: number, column: string) => table[row]![table[0]!.indexOf(column)]
    assert.strictEqual(cell(1, "subjects"), "24")
    assert.strictEqual(cell(1, "t_max"), "30.12346")
    assert.strictEqual(cell(1, "r_min"), "-0.25")
    assert.strictEqual(cell(1, "volume_ml"), "0.024")
    assert.strictEqual(cell(1, "t_threshold_voxels"), "n/a")
    assert.strictEqual(cell(1, "t_threshold_percent"), "n/a")
    assert.strictEqual(cell(1, "t_threshold_positive_voxels"), "n/a")
    assert.strictEqual(cell(2, "t_threshold_voxels"), "4")
    assert.strictEqual(cell(2, "lesion"), "b_mask.nii.gz")
  })
})
