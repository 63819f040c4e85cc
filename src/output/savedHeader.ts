/** What the headers of files of sums and of correlations have in common. */
import { Schema } from "effect"
import { areCovered, type CoveredSubjects, countSubjects } from "../elements/coveredSubjects.ts"

/** A whole number, 0 or more. */
export const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** [first, count] of each range of subjects. */
export const CoveredRanges = Schema.Array(Schema.Tuple([Count, Count])).check(
  Schema.makeFilter<ReadonlyArray<readonly [number, number]>>(
    (ranges) =>
      areCovered(toRanges(ranges)) || "ranges of subjects must be ascending, disjoint, and with a gap between any two"
  )
)

const Hex = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))

/** SHA-256 in hex. */
export const HexFingerprints = Schema.Struct({ study: Hex, sums: Hex })

const toRanges = (ranges: ReadonlyArray<readonly [number, number]>): CoveredSubjects =>
  ranges.map(([first, count]) => ({ first, count }))

/** The ranges as sums have them, and how many subjects they are. */
export const rangesOf = (covered: ReadonlyArray<readonly [number, number]>) => {
  const ranges = toRanges(covered)
  return { ranges, subjects: countSubjects(ranges) }
}
