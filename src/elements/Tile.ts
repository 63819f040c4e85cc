/** Tiles: what correlate gives and reduce takes, small enough for the cache. */
import type { Effect } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import type { SeedMatrixSums } from "./SeedMatrixSums.ts"

/** The r, or later the z, of all lesions at a range of voxels in one subject. */
export interface Tile<out Statistic extends "r" | "z"> {
  readonly statistic: Statistic
  readonly subject: Subject
  /** Voxels `first … last - 1`. */
  readonly first: number
  readonly last: number
  readonly lesions: number
  /** Shape: (lesions, last - first), float64; longer buffers carry nothing beyond. */
  readonly values: Float64Array
  /** Voxels of this tile whose time series is invalid in this subject; their r is 0. */
  readonly invalidVoxels: number
  /** Shape: (lesions). 1 where this subject's seed is invalid; its r is 0 everywhere. */
  readonly invalidSeeds: Uint8Array
  /** This subject's z of all pairs of seeds, the same on all its tiles, where `seedMatrix` made them. */
  readonly pairs?: SeedMatrixSums | undefined
  /** Shape: (lesions). The share of each seed's variance that is left, the same on all its tiles, where `partialSeeds` took the others out. */
  readonly shares?: Float64Array | undefined
  /** Shape: (voxels). The degree of this subject's voxels, the same on all its tiles, where `degree` made it. */
  readonly degree?: Float64Array | undefined
  readonly endsSubject: boolean
  /** Gives the buffer back; `values` must not be read afterwards. */
  readonly release: Effect.Effect<void>
}
