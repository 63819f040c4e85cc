/**
 * Puts the correlations of lesion voxels of some subjects together with those of others: rows side by side, so the result is that of one
 * pass over all of them, to the bit.
 *
 * Both must be of the same connectome, lesions and study, told by their fingerprints where they have them, and no subject may be in both.
 * Errors: `SumsMismatch`, `OverlappingSubjects`.
 * Memory: the result, 4 B a subject and lesion voxel. Mutates neither. Yields after some megabytes.
 */
import { Effect } from "effect"
import type { SumsUnreadable } from "./ConnectivitySums.ts"
import { type CoveredSubjects, countSubjects, joinSubjects } from "./coveredSubjects.ts"
import { type KeptCorrelations, type LesionVoxelCorrelations, placeCorrelations } from "./LesionVoxelCorrelations.ts"
import { checkDisjoint, checkFingerprints, checkSame, type SumsMismatch } from "./SumsMismatch.ts"

/** Values that are copied in one go: some milliseconds. */
const valuesTogether = 4e6

export const joinCorrelations = Effect.fn("joinCorrelations")(function* (
  one: LesionVoxelCorrelations,
  other: LesionVoxelCorrelations
) {
  yield* checkFingerprints(one.fingerprints, other.fingerprints)
  yield* checkSameLesions(one, other)
  yield* checkDisjoint(one.covered, other.covered)
  const covered = joinSubjects(one.covered, other.covered)
  const row = one.columns.at(-1)!
  const values = new Int32Array(countSubjects(covered) * row)
  for (const part of [one, other]) {
    let at = 0
    for (const { first, count } of part.covered) {
      const to = rankOf(first, covered) * row
      const length = count * row
      for (let done = 0; done < length; done += valuesTogether) {
        values.set(part.values.subarray(at + done, at + Math.min(length, done + valuesTogether)), to + done)
        yield* Effect.yieldNow
      }
      at += length
    }
  }
  const joined: LesionVoxelCorrelations = { ...one, covered, values }
  return joined
})

/** How many covered subjects come before one. */
const rankOf = (subject: number, covered: CoveredSubjects): number =>
  covered.reduce((rank, { first, count }) => rank + Math.max(0, Math.min(count, subject - first)), 0)

type Shape = Pick<LesionVoxelCorrelations, "subjects" | "columns">

const checkSameLesions = Effect.fnUntraced(function* (one: Shape, other: Shape) {
  yield* checkSame("subjects", one.subjects, other.subjects)
  yield* checkSame("lesions", one.columns.length - 1, other.columns.length - 1)
  for (const [lesion, column] of one.columns.entries()) yield* checkSame("voxels", column, other.columns[lesion]!)
})

/** Correlations of other subjects cannot be gone on from. */
export type CannotContinue = SumsMismatch | SumsUnreadable

/**
 * Puts correlations that a pass goes on from to their places among those of all subjects; gives the subjects that they are of.
 *
 * @param to rows of all subjects
 */
export const continueCorrelations = Effect.fnUntraced(function* (
  from: LesionVoxelCorrelations | KeptCorrelations | undefined,
  to: Pick<LesionVoxelCorrelations, "subjects" | "columns" | "values">
): Effect.fn.Return<CoveredSubjects, CannotContinue> {
  if (from === undefined) return []
  yield* checkSameLesions(from, to)
  yield* placeCorrelations(from, to.values)
  return from.covered
})
