/** What a contrast asks of a worker, as plain messages: all permutations of a tile of voxels. */
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import type { VarianceGroups } from "../../kernels/group/gStatistic.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"

export interface ContrastStart {
  readonly module: WebAssembly.Module
  readonly maps: Float32Array
  readonly rowVoxels: number
}

/** A contrast as workers need it. */
export interface ContrastData {
  readonly basis: ContrastBasis
  readonly variance: VarianceGroups | undefined
  readonly ranks: boolean
  /** The patients that take part, by their row of the maps. */
  readonly kept: Int32Array
  readonly permutations: Omit<Permutations, "write">
  /** Orders of the permutations, shared. */
  readonly table: Uint16Array
}

export interface ContrastTask {
  readonly kind: string
  readonly writesNothing: true
  readonly contrast: ContrastData
  readonly firstVoxel: number
  readonly voxels: number
}

/** Shapes: (voxels), but for `maxima` (permutations). */
export interface ContrastTileDone {
  readonly statistic: Float64Array
  readonly beta: Float64Array
  readonly correlation: Float64Array
  readonly counts: Uint32Array
  readonly maxima: Float64Array
}
