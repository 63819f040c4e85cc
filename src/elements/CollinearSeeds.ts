/**
 * Seeds that others explain in a subject: what is left of one once the others are taken out is nothing but rounding, and its correlation
 * with a voxel means nothing. Found in the first pass over a subject, whichever lesions it maps.
 */
import { Effect, Schema } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import { leastShareLeft } from "../kernels/numericPolicy.ts"

/** Seeds that a message names; more are counted. */
const mostNamed = 8

export class CollinearSeeds extends Schema.TaggedError<CollinearSeeds>()("CollinearSeeds", {
  file: Schema.String,
  subject: Schema.String,
  /** Files of the lesions, of which the least is left first. */
  lesions: Schema.Array(Schema.String),
  /** The least share of a seed's variance that is left. */
  share: Schema.Finite
}) {
  override get message(): string {
    const rest = this.lesions.length - mostNamed
    const named = this.lesions.slice(0, mostNamed).join("\n  ") + (rest > 0 ? `\n  and ${rest} more` : "")
    return (
      `seeds.partial: in subject ${this.subject} of ${this.file} the seeds of these lesions are collinear: the others leave ` +
      `${this.share.toExponential(1)} of a seed's variance, and ${leastShareLeft} is needed. Leave lesions out, join those that overlap, or set ` +
      `seeds.partial: false.\n  ${named}`
    )
  }
}

/**
 * Fails where the other seeds leave too little of a seed.
 *
 * @param shares of each seed, NaN where it is invalid; `files`: of the lesions
 */
export const failIfCollinear = Effect.fnUntraced(function* (
  { file, id }: Subject,
  shares: Float64Array,
  files: ReadonlyArray<string>
) {
  if (!shares.some((share) => share < leastShareLeft)) return
  const byShare = [...shares.keys()].filter((l) => !Number.isNaN(shares[l])).sort((a, b) => shares[a]! - shares[b]!)
  const below = byShare.filter((l) => shares[l]! < leastShareLeft)
  // A seed is collinear with another one: where a single one is below, that which is next.
  const named = byShare.slice(0, Math.max(2, below.length))
  const lesions = named.map((l) => files[l] ?? `seed ${l + 1}`)
  return yield* new CollinearSeeds({ file, subject: id, lesions, share: shares[byShare[0]!]! })
})
