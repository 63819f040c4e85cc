/** Errors of joining sums, or lesion-voxel correlations, that were computed over different subjects. */
import { Effect, Schema } from "effect"
import { type CoveredSubjects, formatSubjects, overlapOf } from "./coveredSubjects.ts"
import type { Fingerprints } from "./Fingerprints.ts"

const remedies = {
  lesions: "Both must be of the same lesions.",
  voxels: "Both must be of the same connectome and lesions.",
  subjects: "Both must be of the same connectome.",
  fractionBits:
    "The study is of two or three subjects in one and of more in the other: compute both as parts of the same study.",
  pairs: "The connectivity of every lesion with every other must be in both, of the same lesions, or in neither.",
  degree: "The degree of the connectome must be in both, or in neither.",
  shares: "Seeds must be taken out of one another in both, or in neither.",
  study:
    "Another connectome, method, stage, arithmetic or version made one of them: compute that one again, as the other was.",
  sums: "They are of other lesions, or of the same in another order."
} as const

/** The two differ in shape, unit, study or lesions. */
export class SumsMismatch extends Schema.TaggedError<SumsMismatch>()("SumsMismatch", {
  /** In what they differ; `shares` is of the seeds' variance that is left; `study` and `sums` are the fingerprints. */
  difference: Schema.Literals([
    "lesions",
    "voxels",
    "subjects",
    "fractionBits",
    "pairs",
    "degree",
    "shares",
    "study",
    "sums"
  ]),
  /** What the first and the second have there. */
  one: Schema.String,
  other: Schema.String
}) {
  override get message(): string {
    const { difference, one, other } = this
    const of = difference === "study" || difference === "sums" ? "fingerprint of" : "number of"
    const what = difference === "degree" ? difference : `${of} ${difference}`
    return `sums cannot be put together: the ${what} is ${one} in one and ${other} in the other. ${remedies[difference]}`
  }
}

/** The two share some subjects. */
export class OverlappingSubjects extends Schema.TaggedError<OverlappingSubjects>()("OverlappingSubjects", {
  /** Ascending and disjoint. Positions in the connectome, the first subject is 0. */
  overlap: Schema.Array(Schema.Struct({ first: Schema.Int, count: Schema.Int }))
}) {
  override get message(): string {
    return `sums cannot be put together: subjects ${formatSubjects(this.overlap)} are in both. Each subject may count once.`
  }
}

/** So many subjects could overflow the sums. */
export class TooManySubjects extends Schema.TaggedError<TooManySubjects>()("TooManySubjects", {
  subjects: Schema.Int,
  fractionBits: Schema.Int
}) {
  override get message(): string {
    return (
      `sums of ${this.fractionBits} fraction bits cannot hold ${this.subjects} subjects. ` +
      "Leave some out, or compute them as a study of that many."
    )
  }
}

/** Fails where the fingerprints differ, or one has none. */
export const checkFingerprints = Effect.fnUntraced(function* (
  one: Fingerprints | undefined,
  other: Fingerprints | undefined
) {
  yield* checkSame("study", one?.study, other?.study)
  yield* checkSame("sums", one?.sums, other?.sums)
})

/** Fails where only one of two sums has the degree. */
export const checkSameDegree = (one: { readonly degree: unknown }, other: { readonly degree: unknown }) => {
  const words = ({ degree }: { readonly degree: unknown }) => (degree === undefined ? undefined : "there")
  return checkSame("degree", words(one), words(other))
}

/** Fails where a number, or a fingerprint, is not the same in both. */
export const checkSame = <A extends number | string | undefined>(
  difference: SumsMismatch["difference"],
  one: A,
  other: A
): Effect.Effect<void, SumsMismatch> =>
  one === other
    ? Effect.void
    : Effect.fail(new SumsMismatch({ difference, one: String(one ?? "none"), other: String(other ?? "none") }))

/** Fails where some subjects are in both. */
export const checkDisjoint = (
  one: CoveredSubjects,
  other: CoveredSubjects
): Effect.Effect<void, OverlappingSubjects> => {
  const overlap = overlapOf(one, other)
  return overlap.length === 0 ? Effect.void : Effect.fail(new OverlappingSubjects({ overlap }))
}

/**
 * The sums with the given fingerprints.
 *
 * Errors: `SumsMismatch` where they already have other fingerprints: they continue sums of another study.
 */
export const withFingerprints = <Sums extends { readonly fingerprints: Fingerprints | undefined }>(
  sums: Sums,
  fingerprints: Fingerprints
): Effect.Effect<Sums & { readonly fingerprints: Fingerprints }, SumsMismatch> =>
  Effect.as(sums.fingerprints === undefined ? Effect.void : checkFingerprints(sums.fingerprints, fingerprints), {
    ...sums,
    fingerprints
  })
