/** What seedToSeed makes: the sums over subjects of z of every seed with every other. */
import type { Effect } from "effect"

/** Sums over subjects for all pairs of seeds. */
export interface SeedPairSums {
  readonly seeds: number
  readonly subjects: number
  /** Shape: (seeds, seeds), of which only what is on and right of the diagonal is set. */
  readonly sumZ: Float64Array
}

export interface SeedToSeedOptions {
  /** All seeds that come in. */
  readonly seeds: number
  /** The first of them, which are handed on. */
  readonly lesions: number
  readonly whenDone: (sums: SeedPairSums) => Effect.Effect<void>
}
