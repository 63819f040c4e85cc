/** Every subject of every batch is in one part, shares have about as many bytes each, and the grid is the one that moves the fewest. */
import { assert, describe, it } from "@effect/vitest"
import { type Cut, type CutRequest, costOf, cutIntoParts } from "../../src/cluster/cutIntoParts.ts"

const request = (own: Partial<CutRequest> = {}): CutRequest => ({
  parts: 7,
  lesions: 96,
  fewestBatches: 1,
  bytesOfSubjects: new Array<number>(1000).fill(137e6),
  sumsBytesPerLesion: 16 * 285_000,
  ...own
})

/** How often each lesion × subject is computed. */
const timesComputed = ({ batches, units }: Cut, { lesions, bytesOfSubjects }: CutRequest) => {
  const times = Array.from({ length: lesions }, () => new Array<number>(bytesOfSubjects.length).fill(0))
  for (const { batch, subjects } of units) {
    const { first, count } = batches[batch]!
    for (let lesion = first; lesion < first + count; lesion++) {
      for (let n = subjects.first; n < subjects.first + subjects.count; n++) times[lesion]![n]!++
    }
  }
  return times.flat()
}

describe("cutIntoParts", () => {
  for (const parts of [1, 2, 3, 7, 16, 61]) {
    for (const [lesions, subjects, fewestBatches] of [
      [96, 100, 1],
      [5, 13, 2],
      [1, 61, 1],
      [61, 3, 4]
    ] as const) {
      it(`cuts ${lesions} lesions × ${subjects} subjects into ${parts} parts, each once`, () => {
        const bytesOfSubjects = Array.from({ length: subjects }, (_, n) => 1e6 * (1 + (n % 3)))
        const asked = request({ parts, lesions, fewestBatches, bytesOfSubjects })
        const cut = cutIntoParts(asked)!
        assert.isTrue(timesComputed(cut, asked).every((times) => times === 1))
        assert.deepStrictEqual(
          [...new Set(cut.units.map(({ part }) => part))].sort((a, b) => a - b),
          Array.from({ length: parts }, (_, n) => n + 1)
        )
        assert.isAtMost(Math.max(...cut.batches.map(({ count }) => count)), Math.ceil(lesions / fewestBatches))
      })
    }
  }

  it("cuts subjects where sums are small beside the connectome, lesions where they are large", () => {
    assert.strictEqual(cutIntoParts(request({ parts: 8 }))!.batches.length, 1)
    assert.isAtLeast(cutIntoParts(request({ parts: 256, lesions: 10_000 }))!.batches.length, 16)
  })

  it("gives each share about as many bytes, though subjects differ", () => {
    const bytesOfSubjects = Array.from({ length: 90 }, (_, n) => (n < 30 ? 4e6 : 1e6))
    const { units } = cutIntoParts(request({ parts: 4, bytesOfSubjects, sumsBytesPerLesion: 1 }))!
    const bytes = units.map(({ subjects: { first, count } }) =>
      bytesOfSubjects.slice(first, first + count).reduce((sum, own) => sum + own, 0)
    )
    for (const own of bytes) assert.closeTo(own, 45e6, 4e6)
  })

  it("says what a cut costs", () => {
    const asked = request({ parts: 4, lesions: 2, bytesOfSubjects: [1, 2, 3, 4], sumsBytesPerLesion: 10 })
    const cut: Cut = {
      batches: [{ first: 0, count: 2 }],
      units: [0, 1, 2, 3].map((n) => ({ part: n + 1, batch: 0, subjects: { first: n, count: 1 } }))
    }
    assert.deepStrictEqual(costOf(asked, cut), { read: 4, sums: 80 })
  })

  it("has no cut into more parts than lesions × subjects", () => {
    assert.isUndefined(cutIntoParts(request({ parts: 7, lesions: 2, bytesOfSubjects: [1, 1, 1] })))
  })
})
