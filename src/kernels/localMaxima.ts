/**
 * The peaks of clusters: voxels that are at least as strong as all voxels around them, and of these the strongest that lie apart.
 *
 * Used for the report's table of peaks, on volumes whose clusters `findComponents` has labelled.
 */

/**
 * Lists the local maxima of |value| within clusters, ascending: elements that no one of the up to 26 neighbours in the same cluster
 * surpasses. Of neighbours with equal values the first surpasses the others.
 *
 * Shapes: `values` and `labels` (voxels of the grid); `wanted` (clusters + 1), 1 for clusters that are looked at; `into` has room for all.
 *
 * @returns how many there are
 */
export const localMaxima = (
  values: Float32Array,
  labels: Int32Array,
  [nx, ny, nz]: readonly [number, number, number],
  wanted: Uint8Array,
  into: Int32Array
): number => {
  let count = 0
  let element = 0
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, element++) {
        const label = labels[element]!
        if (label === 0 || wanted[label < 0 ? -label : label] === 0) continue
        // Of most voxels a neighbour in the same row is stronger.
        const strength = Math.abs(values[element]!)
        if (i + 1 < nx && labels[element + 1] === label && Math.abs(values[element + 1]!) > strength) continue
        if (i > 0 && labels[element - 1] === label && Math.abs(values[element - 1]!) >= strength) continue
        if (isMaximum(values, labels, nx, ny, nz, i, j, k, element)) into[count++] = element
      }
    }
  }
  return count
}

const isMaximum = (
  values: Float32Array,
  labels: Int32Array,
  nx: number,
  ny: number,
  nz: number,
  i: number,
  j: number,
  k: number,
  element: number
): boolean => {
  const label = labels[element]
  const strength = Math.abs(values[element]!)
  const lastI = i + 1 < nx ? 1 : 0
  const lastJ = j + 1 < ny ? 1 : 0
  const lastK = k + 1 < nz ? 1 : 0
  for (let dk = k > 0 ? -1 : 0; dk <= lastK; dk++) {
    for (let dj = j > 0 ? -1 : 0; dj <= lastJ; dj++) {
      const row = element + nx * (dj + ny * dk)
      for (let neighbour = i > 0 ? row - 1 : row; neighbour <= row + lastI; neighbour++) {
        if (neighbour === element || labels[neighbour] !== label) continue
        const other = Math.abs(values[neighbour]!)
        if (other > strength || (other === strength && neighbour < element)) return false
      }
    }
  }
  return true
}

/**
 * Chooses the strongest of `candidates` that are at least `apartMm` away from `first` and from each other, the strongest first; of equal
 * ones the first.
 *
 * Shapes: `positionsMm` (candidates, 3), `firstMm` (3).
 *
 * @returns indices of candidates, at most `most`
 */
export const peaksApart = (
  strengths: Float64Array,
  positionsMm: Float64Array,
  firstMm: readonly [number, number, number],
  apartMm: number,
  most: number
): ReadonlyArray<number> => {
  const open = new Uint8Array(strengths.length).fill(1)
  const closeAround = (x: number, y: number, z: number): void => {
    for (let c = 0; c < open.length; c++) {
      const [dx, dy, dz] = [positionsMm[3 * c]! - x, positionsMm[3 * c + 1]! - y, positionsMm[3 * c + 2]! - z]
      if (dx * dx + dy * dy + dz * dz < apartMm * apartMm) open[c] = 0
    }
  }
  closeAround(...firstMm)
  const chosen: Array<number> = []
  while (chosen.length < most) {
    let best = -1
    for (let c = 0; c < open.length; c++) {
      if (open[c] === 1 && (best < 0 || strengths[c]! > strengths[best]!)) best = c
    }
    if (best < 0) break
    chosen.push(best)
    open[best] = 0
    closeAround(positionsMm[3 * best]!, positionsMm[3 * best + 1]!, positionsMm[3 * best + 2]!)
  }
  return chosen
}
