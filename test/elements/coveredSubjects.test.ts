import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  areCovered,
  type CoveredSubjects,
  countSubjects,
  formatSubjects,
  joinSubjects,
  missingSubjects,
  overlapOf
} from "../../src/elements/coveredSubjects.ts"

/** Ranges of the members of a set, found one by one. */
const rangesOf = (members: ReadonlySet<number>): CoveredSubjects => {
  const ranges: Array<{ first: number; count: number }> = []
  for (let subject = 0; subject < 40; subject++) {
    if (!members.has(subject)) continue
    if (members.has(subject - 1)) ranges.at(-1)!.count++
    else ranges.push({ first: subject, count: 1 })
  }
  return ranges
}

const without = (one: ReadonlySet<number>, other: ReadonlySet<number>): ReadonlySet<number> =>
  new Set([...one].filter((member) => !other.has(member)))

const sets = fc.array(fc.nat(39)).map((members) => new Set(members))

describe("covered subjects", () => {
  it("are joined, overlap and leave out what sets of them do", () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const rest = without(other, one)
        assert.deepStrictEqual(joinSubjects(rangesOf(one), rangesOf(rest)), rangesOf(new Set([...one, ...rest])))
        assert.deepStrictEqual(overlapOf(rangesOf(one), rangesOf(other)), rangesOf(without(one, without(one, other))))
        const everyone = new Set(Array.from({ length: 40 }, (_, subject) => subject))
        assert.deepStrictEqual(missingSubjects(rangesOf(one), 40), rangesOf(without(everyone, one)))
        assert.strictEqual(countSubjects(rangesOf(one)), one.size)
        assert.isTrue(areCovered(rangesOf(one)))
      }),
      { seed: 4, numRuns: 300 }
    )
  })

  it("are not what they are where ranges touch, overlap, descend or are empty", () => {
    for (const ranges of [
      [
        [0, 2],
        [2, 1]
      ],
      [
        [0, 3],
        [2, 1]
      ],
      [
        [5, 1],
        [0, 1]
      ],
      [[3, 0]],
      [[-1, 2]]
    ]) {
      assert.isFalse(areCovered(ranges.map(([first, count]) => ({ first: first!, count: count! }))))
    }
  })

  it("are named up to some ranges, and the rest counted", () => {
    assert.strictEqual(
      formatSubjects([
        { first: 0, count: 500 },
        { first: 700, count: 1 }
      ]),
      "0–499, 700"
    )
    const many = Array.from({ length: 11 }, (_, n) => ({ first: 2 * n, count: 1 }))
    assert.strictEqual(formatSubjects(many), "0, 2, 4, 6, 8, 10, 12, 14 and 3 more range(s)")
  })
})
