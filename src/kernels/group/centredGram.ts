/**
 * The Gram matrix of the patients' maps, centred over patients, of a tile of voxels: what principal components are made of.
 *
 * Shapes: `maps` (patients, voxels); `means` (voxels), from `meansOverPatients`; `centred` (`centredLength`), overwritten; `gram` (patients, patients), of which the diagonal and what
 *   is left of it is raised; what is right of it is arbitrary.
 * Formula: A = Y - mean over patients, gram += A Aᵀ.
 * Numerics: float64, in an order that the shapes alone decide. A value that is not finite counts as the mean of its voxel's others.
 * Cost: patients²/2 multiplications a voxel, about 0.4 ns each: two rows by four, whose sums the processor's registers hold.
 */

/** Voxels that are multiplied at a time: six rows of them stay in the first cache. */
const chunkVoxels = 512

/** Numbers of `centred`: rows of zeros make the patients a multiple of four. */
export const centredLength = (patients: number, voxels: number): number => 4 * Math.ceil(patients / 4) * voxels

export const addCentredGram = (
  maps: Float32Array,
  means: Float64Array,
  centred: Float64Array,
  gram: Float64Array
): void => {
  const voxels = means.length
  const patients = maps.length / voxels
  centre(maps, means, centred)
  const products = new Float64Array(8)
  for (let first = 0; first < voxels; first += chunkVoxels) {
    const chunk = { voxels, first, end: Math.min(voxels, first + chunkVoxels) }
    for (let i = 0; i < patients; i += 2) {
      for (let j = 0; j <= i + 1; j += 4) {
        multiplyRows(centred, chunk, i, j, products)
        const columns = Math.min(4, patients - j)
        for (let row = 0; row < Math.min(2, patients - i); row++) {
          const at = (i + row) * patients + j
          for (let k = 0; k < columns; k++) gram[at + k]! += products[4 * row + k]!
        }
      }
    }
  }
}

/** The mean of each voxel over patients; 0 where no value is finite. Shapes: maps (patients, voxels), the result (voxels). */
export const meansOverPatients = (maps: Float32Array, voxels: number): Float64Array => {
  const means = new Float64Array(voxels)
  const counts = new Uint32Array(voxels)
  for (let at = 0; at < maps.length; at += voxels) {
    for (let v = 0; v < voxels; v++) {
      const value = maps[at + v]!
      if (!Number.isFinite(value)) continue
      means[v]! += value
      counts[v]!++
    }
  }
  for (let v = 0; v < voxels; v++) means[v]! /= Math.max(1, counts[v]!)
  return means
}

const centre = (maps: Float32Array, means: Float64Array, centred: Float64Array): void => {
  centred.fill(0)
  for (let first = 0; first < maps.length; first += means.length) {
    for (let v = 0; v < means.length; v++) {
      const value = maps[first + v]! - means[v]!
      centred[first + v] = Number.isFinite(value) ? value : 0
    }
  }
}

/** The eight products of rows i and i + 1 with rows j to j + 3. */
const multiplyRows = (
  a: Float64Array,
  { voxels, first, end }: { readonly voxels: number; readonly first: number; readonly end: number },
  i: number,
  j: number,
  products: Float64Array
): void => {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0]
  const i0 = i * voxels
  const i1 = i0 + voxels
  const j0 = j * voxels
  const j1 = j0 + voxels
  const j2 = j1 + voxels
  const j3 = j2 + voxels
  for (let v = first; v < end; v++) {
    const x = a[i0 + v]!
    const y = a[i1 + v]!
    const c0 = a[j0 + v]!
    a0 += x * c0
    b0 += y * c0
    const c1 = a[j1 + v]!
    a1 += x * c1
    b1 += y * c1
    const c2 = a[j2 + v]!
    a2 += x * c2
    b2 += y * c2
    const c3 = a[j3 + v]!
    a3 += x * c3
    b3 += y * c3
  }
  products[0] = a0
  products[1] = a1
  products[2] = a2
  products[3] = a3
  products[4] = b0
  products[5] = b1
  products[6] = b2
  products[7] = b3
}

/** Copies what is left of the diagonal to its right. */
export const mirrorGram = (gram: Float64Array, patients: number): void => {
  for (let i = 0; i < patients; i++) {
    for (let j = 0; j < i; j++) gram[j * patients + i] = gram[i * patients + j]!
  }
}
