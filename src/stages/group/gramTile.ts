/** The Gram matrix of patients' maps over a range of voxels, centred over the patients in each voxel. Free of Effect, for workers. */
import { SeriesProducts, seriesProductsBytes } from "../../kernels/group/SeriesProducts.ts"
import { seriesInRows } from "../../kernels/group/weightedProducts.ts"
import { readTile, type VoxelRange } from "./CohortSource.ts"
import { tileVoxels } from "./contrastSizes.ts"
import type { GroupStart } from "./GroupStart.ts"

export interface GramTask extends VoxelRange {
  readonly kind: "gram"
  readonly writesNothing: true
  /** Rows of the patients' maps. */
  readonly patients: Int32Array
}

export interface GramDone {
  /** Shape: (patients, patients). */
  readonly sums: Float64Array
}

/** Bytes of a worker: a tile of maps, the memory of its products, and the sums. */
export const gramWorkerBytes = (patients: number): number =>
  4 * tileVoxels * patients +
  seriesProductsBytes({ rows: patients, voxels: tileVoxels, matrices: 1 }) +
  8 * patients * patients

/** A range of several tiles is cut at multiples of `tileVoxels`, so that its bits depend on the range alone. */
export const gramTile = (
  { patients, firstVoxel, voxels }: GramTask,
  { module, source }: Pick<GroupStart, "module" | "source">
): GramDone => {
  const count = patients.length
  const products = new SeriesProducts(module, { rows: count, voxels: tileVoxels, matrices: 1 })
  const ones = new Float32Array(tileVoxels).fill(1)
  for (let first = firstVoxel; first < firstVoxel + voxels; first += tileVoxels) {
    const own = Math.min(tileVoxels, firstVoxel + voxels - first)
    const maps = readTile(source, patients, { firstVoxel: first, voxels: own })
    takeOutMeans(maps, count, own)
    products.load(own, seriesInRows(maps, count, own))
    products.add(0, ones.subarray(0, own))
  }
  return { sums: products.sums(0) }
}

/** Takes the mean over patients out of each voxel. Shape: (patients, voxels). */
const takeOutMeans = (maps: Float32Array, patients: number, voxels: number): void => {
  const means = new Float64Array(voxels)
  for (let n = 0; n < patients; n++) for (let v = 0; v < voxels; v++) means[v]! += maps[n * voxels + v]! / patients
  for (let n = 0; n < patients; n++) for (let v = 0; v < voxels; v++) maps[n * voxels + v]! -= means[v]!
}
