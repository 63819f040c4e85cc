/** What seedMatrix makes: the sums over subjects of z of every seed with every other. */

/** Sums over subjects for all pairs of seeds: fixed-point numbers of 40 fraction bits, exact in any order (fixedPoint.ts). */
export interface SeedMatrixSums {
  readonly seeds: number
  /** Shape: (seeds, seeds), of which only what is on and right of the diagonal is set. */
  readonly sumZ: BigInt64Array
}

/** Options of `seedMatrix`. */
export interface SeedMatrixOptions {
  /** Number of seeds in each incoming chunk. */
  readonly seeds: number
  /** Number of lesions of the pass: so many seeds, the first ones, are passed on. */
  readonly lesions: number
}

/** Adds the sums `from` to the sums `into` of as many seeds; mutates only `into`. Cost: about 1 ns a pair. */
export const addSeedMatrixSums = (from: BigInt64Array, into: BigInt64Array): void => {
  for (let pair = 0; pair < into.length; pair++) into[pair]! += from[pair]!
}
