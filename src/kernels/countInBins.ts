/**
 * Histogram of a map over the voxels of the brain mask, with bins between any edges: those of r are equally wide, and seen from Fisher z
 * they are not, so that a map of z gives the histogram of r without a tanh a voxel.
 */

/** Edges of bins, and a table by which the bin of a value is found in a step or two. */
export interface Bins {
  /** Shape: (bins + 1), ascending. A bin holds values from its lower edge to below its upper one, the last also that one. */
  readonly edges: Float64Array
  /** Shape: (cells). Bin of the lower end of each of equally wide cells between the second and the last edge but one. */
  readonly cells: Uint16Array
}

const cellCount = 4096

export const makeBins = (edges: Float64Array): Bins => {
  const cells = new Uint16Array(cellCount)
  const [from, to] = [edges[1]!, edges.at(-2)!]
  for (let cell = 0, bin = 0; cell < cellCount; cell++) {
    const value = from + ((to - from) * cell) / cellCount
    while (bin + 1 < edges.length - 1 && edges[bin + 1]! <= value) bin++
    // One lower, since which cell a value is in is rounded.
    cells[cell] = Math.max(0, bin - 1)
  }
  return { edges, cells }
}

/**
 * Adds the number of values in each bin to `counts`; values beyond the first and last edge count in the first and last bin, NaN in none.
 *
 * Shapes: `values` (voxels of the grid), `elements` (voxels of the mask), `counts` (bins).
 */
export const countInBins = (values: Float32Array, elements: Int32Array, { edges, cells }: Bins, counts: Int32Array) => {
  const last = counts.length - 1
  const [from, to] = [edges[1]!, edges[last]!]
  const cellsPerUnit = cellCount / (to - from)
  for (let n = 0; n < elements.length; n++) {
    const value = values[elements[n]!]!
    let bin = 0
    if (value >= to) bin = last
    else if (value >= from) {
      bin = cells[Math.floor((value - from) * cellsPerUnit)] ?? last - 1
      while (edges[bin + 1]! <= value) bin++
    } else if (Number.isNaN(value)) continue
    counts[bin]!++
  }
}
