/**
 * Clusters of a map: voxels that touch by a face, all at or beyond a threshold with the same sign.
 *
 * Two passes over the volume with a forest of provisional labels (Rosenfeld and Pfaltz 1966, doi:10.1145/321356.321357). The same clusters
 * as `scipy.ndimage.label` finds with its default structure, of the positive and the negative voxels apart.
 */

/** What one volume's clusters are found in; used again for the next volume. */
export interface ComponentMemory {
  /** Shape: (voxels of the grid). */
  readonly labels: Int32Array
  /** Shape: (voxels of the grid + 1). */
  readonly parents: Int32Array
}

export interface Components {
  readonly count: number
  /** Shape: (count + 1), by a cluster's number; nothing has number 0. */
  readonly sizes: Int32Array
  /** Shape: as `sizes`. Element of each cluster's strongest voxel; of equal ones the first. */
  readonly peaks: Int32Array
}

export const makeComponentMemory = (voxels: number): ComponentMemory => ({
  labels: new Int32Array(voxels),
  parents: new Int32Array(voxels + 1)
})

/** Bytes of a `ComponentMemory`. */
export const componentMemoryBytes = (voxels: number): number => 2 * Int32Array.BYTES_PER_ELEMENT * voxels

/** The root of a label's tree; halves the way to it. */
const rootOf = (parents: Int32Array, label: number): number => {
  let at = label
  while (parents[at] !== at) {
    const above = parents[parents[at]!]!
    parents[at] = above
    at = above
  }
  return at
}

/** Joins two trees under the smaller root, which is returned. */
const join = (parents: Int32Array, one: number, other: number): number => {
  const a = rootOf(parents, one)
  const b = rootOf(parents, other)
  if (a < b) parents[b] = a
  else parents[a] = b
  return a < b ? a : b
}

/**
 * Gives every voxel the number of its cluster in `memory.labels`: above 0 in a positive cluster, below 0 in a negative one, 0 outside.
 * Clusters are numbered from 1 on in the order of their first voxels.
 *
 * Shapes: `values` (voxels of the grid), first axis fastest; `shape` the sizes of its axes.
 *
 * Numerics: a value is in a cluster where it is ≥ threshold or ≤ -threshold; NaN is in none. `threshold` is above 0.
 */
export const findComponents = (
  values: Float32Array,
  shape: readonly [number, number, number],
  threshold: number,
  { labels, parents }: ComponentMemory
): Components => {
  const provisional = labelProvisionally(values, shape, threshold, labels, parents)
  // A label's parent is smaller than it, so that it has its number, kept below 0, already.
  let count = 0
  for (let label = 1; label <= provisional; label++) {
    parents[label] = parents[label] === label ? -++count : parents[parents[label]!]!
  }
  const sizes = new Int32Array(count + 1)
  const peaks = new Int32Array(count + 1).fill(-1)
  for (let element = 0; element < labels.length; element++) {
    const label = labels[element]!
    if (label === 0) continue
    const cluster = -parents[label < 0 ? -label : label]!
    labels[element] = label < 0 ? -cluster : cluster
    sizes[cluster]!++
    const peak = peaks[cluster]!
    if (peak < 0 || Math.abs(values[element]!) > Math.abs(values[peak]!)) peaks[cluster] = element
  }
  return { count, sizes, peaks }
}

/** Labels voxels, with the sign of their values, and joins the labels of neighbours; gives how many labels there are. */
const labelProvisionally = (
  values: Float32Array,
  [nx, ny, nz]: readonly [number, number, number],
  threshold: number,
  labels: Int32Array,
  parents: Int32Array
): number => {
  const plane = nx * ny
  let used = 0
  let element = 0
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, element++) {
        const value = values[element]!
        const sign = value >= threshold ? 1 : value <= -threshold ? -1 : 0
        if (sign === 0) {
          labels[element] = 0
          continue
        }
        let label = 0
        const left = i > 0 ? labels[element - 1]! * sign : 0
        if (left > 0) label = left
        const lower = j > 0 ? labels[element - nx]! * sign : 0
        if (lower > 0 && lower !== label) label = label === 0 ? lower : join(parents, label, lower)
        const back = k > 0 ? labels[element - plane]! * sign : 0
        if (back > 0 && back !== label) label = label === 0 ? back : join(parents, label, back)
        if (label === 0) {
          label = ++used
          parents[label] = label
        }
        labels[element] = sign * label
      }
    }
  }
  return used
}
