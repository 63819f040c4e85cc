/** What seedToSeed makes: the sums over subjects of z of every seed with every other. */
import type { Effect } from "effect"

/** Sums over subjects for all pairs of seeds: fixed-point numbers of 40 fraction bits, exact in any order (fixedPoint.ts). */
export interface SeedPairSums {
  readonly seeds: number
  readonly subjects: number
  /** Shape: (seeds, seeds), of which only what is on and right of the diagonal is set. */
  readonly sumZ: BigInt64Array
}

export interface SeedToSeedOptions {
  /** All seeds that come in. */
  readonly seeds: number
  /** The first of them, which are handed on. */
  readonly lesions: number
  readonly whenDone: (sums: SeedPairSums) => Effect.Effect<void>
}
