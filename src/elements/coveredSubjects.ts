/**
 * Which subjects sums are over: ranges of the connectome's subject indices, ascending, disjoint, and with a gap between any two. So equal
 * sets of subjects are equal ranges, whatever order they came in.
 */
import type { Chunk, SubjectRange } from "./Chunk.ts"

/** Ranges of subjects: ascending, disjoint, and with a gap between any two. */
export type CoveredSubjects = ReadonlyArray<SubjectRange>

/** The subjects of a chunk. */
export const subjectsOf = ({ subjects }: Pick<Chunk, "subjects">): CoveredSubjects =>
  joinSubjects(
    subjects.map(({ subject: { index } }) => ({ first: index, count: 1 })),
    []
  )

export const countSubjects = (covered: CoveredSubjects): number => covered.reduce((sum, { count }) => sum + count, 0)

/** The union of two sets of subjects that share none. */
export const joinSubjects = (one: CoveredSubjects, other: CoveredSubjects): CoveredSubjects => {
  const joined: Array<SubjectRange> = []
  for (const { first, count } of [...one, ...other].sort((a, b) => a.first - b.first)) {
    const last = joined.at(-1)
    if (last !== undefined && last.first + last.count === first) {
      joined[joined.length - 1] = { first: last.first, count: last.count + count }
    } else joined.push({ first, count })
  }
  return joined
}

/** The subjects that are in both. */
export const overlapOf = (one: CoveredSubjects, other: CoveredSubjects): CoveredSubjects => {
  const found: Array<SubjectRange> = []
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    const [endOfOne, endOfOther] = [one[a]!.first + one[a]!.count, other[b]!.first + other[b]!.count]
    const first = Math.max(one[a]!.first, other[b]!.first)
    const end = Math.min(endOfOne, endOfOther)
    if (first < end) found.push({ first, count: end - first })
    if (endOfOne === end) a++
    if (endOfOther === end) b++
  }
  return found
}

/** The subjects that are not covered, of the first `subjects` of the connectome. */
export const missingSubjects = (covered: CoveredSubjects, subjects: number): CoveredSubjects => {
  const missing: Array<SubjectRange> = []
  let first = 0
  for (const range of [...covered, { first: subjects, count: 0 }]) {
    if (range.first > first) missing.push({ first, count: range.first - first })
    first = range.first + range.count
  }
  return missing
}

/** Whether ranges are as `CoveredSubjects` are. */
export const areCovered = (ranges: CoveredSubjects): boolean =>
  ranges.every(({ first, count }, at) => {
    const before = ranges[at - 1]
    return count > 0 && (before === undefined ? first >= 0 : first > before.first + before.count)
  })

/** Ranges that a message names; what is beyond is counted. */
const mostNamed = 8

/** "0–499, 700": positions in the connectome's order, the first subject is 0. */
export const formatSubjects = (covered: CoveredSubjects): string => {
  const named = covered
    .slice(0, mostNamed)
    .map(({ first, count }) => (count === 1 ? String(first) : `${first}–${first + count - 1}`))
  const rest = covered.length - named.length
  return rest > 0 ? `${named.join(", ")} and ${rest} more range(s)` : named.join(", ")
}
