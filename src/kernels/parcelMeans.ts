/**
 * Weighted means of a map over the parcels of an atlas.
 *
 * Shapes: `values` (voxels); `starts` (parcels + 1), `voxels` and `weights` (elements) as a `Parcellation` has them;
 *   `means` (parcels).
 * Formula: means[p] = Σ w·values / Σ w over the parcel's elements; all weights are 1 where there are none
 * Numerics: float64, in the order of the elements. NaN where a parcel has no voxel.
 * Cost: one multiply-add an element.
 * Mutates: `means`.
 */
export const parcelMeans = (
  values: Float64Array | Uint8Array,
  {
    starts,
    voxels,
    weights
  }: { readonly starts: Int32Array; readonly voxels: Int32Array; readonly weights: Float64Array | undefined },
  means: Float64Array
): void => {
  for (let parcel = 0; parcel < means.length; parcel++) {
    let sum = 0
    let total = 0
    for (let element = starts[parcel]!; element < starts[parcel + 1]!; element++) {
      const weight = weights === undefined ? 1 : weights[element]!
      sum += weight * values[voxels[element]!]!
      total += weight
    }
    means[parcel] = sum / total
  }
}
