import { assert, describe, it } from "@effect/vitest"
import type { Subject } from "../../src/connectome/Connectome.ts"
import { type InvalidNames, makeInvalidCounts } from "../../src/elements/InvalidCounts.ts"

/** Subjects of files of 40 each, or of one each. */
const subjectOf = (index: number, perFile = 40): Subject => {
  const file = Math.floor(index / perFile) + 1
  return { index, id: `part${file}.h5[${index % perFile}]`, file: `/connectome/part${file}.h5`, timePoints: 9 }
}

const names: InvalidNames = { connectome: "/connectome", lesions: ["/lesions/a.nii.gz", "/lesions/b.nii.gz"] }

interface Found {
  readonly voxels?: number
  readonly seeds?: ReadonlyArray<number>
}

const warningsOf = (subjects: number, found: (index: number) => Found, perFile = 40, named = names) => {
  const counts = makeInvalidCounts(named)
  for (let index = 0; index < subjects; index++) {
    const { voxels = 0, seeds = [] } = found(index)
    counts.add(subjectOf(index, perFile), voxels, seeds)
  }
  return counts.warnings()
}

describe("warnings of what was invalid", () => {
  it("are none where nothing was", () => {
    assert.deepStrictEqual(
      warningsOf(120, () => ({})),
      []
    )
  })

  it("name the file, how many of its subjects, how many time series, and the subject with the most", () => {
    const voxels: Readonly<Record<number, number>> = { 41: 4, 44: 1100, 60: 100, 3: 1 }
    const found = warningsOf(120, (index) => ({ voxels: voxels[index] ?? 0 })).map((one) => [one.file, one.found])
    assert.deepStrictEqual(found, [
      [
        "/connectome/part1.h5",
        "1 of its 40 subjects has voxels without variance, or with a NaN or infinity (1 time series, in subject part1.h5[3])"
      ],
      [
        "/connectome/part2.h5",
        "3 of its 40 subjects have voxels without variance, or with a NaN or infinity (1,204 time series; the most, 1,100, in subject part2.h5[4])"
      ]
    ])
  })

  it("are one for the connectome where many files, or files of one subject, are concerned", () => {
    for (const perFile of [1, 20]) {
      const found = warningsOf(200, (index) => ({ voxels: 1 + (index % 7) }), perFile)
      assert.lengthOf(found, 1)
      assert.strictEqual(found[0]!.file, "/connectome")
      assert.include(found[0]!.found, "200 of its 200 subjects have voxels")
      assert.include(found[0]!.found, "(794 time series; the most, 7, in subject part")
    }
  })

  it("name each lesion whose seed is invalid, and up to eight of the subjects", () => {
    const found = warningsOf(40, (index) => ({ seeds: index < 10 ? [1] : index === 20 ? [0, 1] : [] }))
    assert.deepStrictEqual(
      found.map(({ file, found }) => [file, found]),
      [
        ["/lesions/a.nii.gz", "its seed has no valid time series in 1 of 40 subjects (part1.h5[20])"],
        [
          "/lesions/b.nii.gz",
          `its seed has no valid time series in 11 of 40 subjects (${[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `part1.h5[${n}]`).join(", ")} and 3 more)`
        ]
      ]
    )
    for (const { taken } of found) assert.include(taken, "`invalid: error`")
  })

  it("are alike for many lesions, so that they are told as one", () => {
    const lesions = Array.from({ length: 30 }, (_, lesion) => `/lesions/${lesion}.nii.gz`)
    const found = warningsOf(40, (index) => ({ seeds: [index % 30] }), 40, { ...names, lesions })
    assert.deepStrictEqual(
      found.map(({ file }) => file),
      lesions
    )
    assert.strictEqual(new Set(found.map(({ found, taken }) => found + taken)).size, 1)
  })

  it("tell lesions by their position where no study names them", () => {
    const counts = makeInvalidCounts(undefined)
    for (let index = 0; index < 3; index++) counts.add(subjectOf(index, 1), 1, [1])
    const found = counts.warnings()
    assert.deepStrictEqual(
      found.map(({ file }) => file),
      ["connectome", "lesion 2"]
    )
  })
})
