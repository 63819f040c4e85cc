/**
 * Adds the sums over some subjects to those over others. They are integers, so this is associative and commutative to the bit:
 * however subjects are divided and their sums joined again, these and the maps made of them are the same bytes.
 *
 * Both must be of the same lesions, voxels and study, told by their fingerprints where they have them, and no subject may be in both.
 * Errors: `SumsMismatch`, `OverlappingSubjects`, `TooManySubjects`.
 * Memory: the result, 16 B a lesion and voxel, in rows of all voxels. Mutates neither. Yields after each lesion.
 */
import { Effect } from "effect"
import { largestZ, maximalZ } from "../kernels/numericPolicy.ts"
import { addSumsTo, type ConnectivitySums, type KeptSums, noSums } from "./ConnectivitySums.ts"
import { joinSubjects } from "./coveredSubjects.ts"
import { joinInvalid } from "./InvalidCounts.ts"
import { addShares } from "./SharesLeft.ts"
import { checkDisjoint, checkFingerprints, checkSame, checkSameDegree, TooManySubjects } from "./SumsMismatch.ts"

export const mergeSums = Effect.fn("mergeSums")(function* (one: ConnectivitySums, other: ConnectivitySums) {
  yield* checkSameSums(one, other)
  const subjects = one.subjects + other.subjects
  if (largestZ(subjects, one.fractionBits) < maximalZ) {
    return yield* new TooManySubjects({ subjects, fractionBits: one.fractionBits })
  }
  const merged = noSums(one)
  for (const part of [one, other]) {
    yield* addSumsTo(part, merged)
  }
  const sums: ConnectivitySums = {
    ...merged,
    subjects,
    covered: joinSubjects(one.covered, other.covered),
    shares: addShares(one.shares, other.shares),
    invalidVoxels: one.invalidVoxels + other.invalidVoxels,
    invalidSubjects: joinInvalid(one.invalidSubjects, other.invalidSubjects),
    invalidSeeds: one.invalidSeeds.map((count, lesion) => count + other.invalidSeeds[lesion]!)
  }
  return sums
})

/** Sums, or what is known of them without reading them. */
type ShapedSums = ConnectivitySums | KeptSums

/** Fails where two sums cannot be added, but for their number of subjects. */
export const checkSameSums = Effect.fnUntraced(function* (one: ShapedSums, other: ShapedSums) {
  yield* checkFingerprints(one.fingerprints, other.fingerprints)
  yield* checkSame("lesions", one.lesions, other.lesions)
  yield* checkSame("voxels", one.voxels, other.voxels)
  yield* checkSame("fractionBits", one.fractionBits, other.fractionBits)
  yield* checkSame("pairs", one.pairs?.seeds, other.pairs?.seeds)
  yield* checkSameDegree(one, other)
  yield* checkSame("shares", one.shares?.length, other.shares?.length)
  yield* checkDisjoint(one.covered, other.covered)
})
