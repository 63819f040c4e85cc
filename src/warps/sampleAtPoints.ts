/** Values of a volume at points in mm: trilinear, or of the voxel that a point lies in. Pure kernels over typed arrays. */
import { invert } from "../imaging/affine.ts"
import type { Grid } from "../imaging/Grid.ts"
import { type Warp, warpPoints } from "./Warp.ts"

/** Share of a voxel within which a point between two voxels goes to the upper one, as in `resampleNearest`. */
const tieTolerance = 1e-6

/**
 * Writes the trilinear value at each point to `into`; voxels beyond the volume are 0.
 *
 * Shapes: `points` (points, 3) in mm, `into` (points).
 */
export const sampleLinear = (grid: Grid, values: Float64Array, points: Float64Array, into: Float64Array): void => {
  const m = invert(grid.affine)
  const [nx, ny, nz] = grid.shape
  for (let n = 0; n < into.length; n++) {
    const [px, py, pz] = [points[3 * n]!, points[3 * n + 1]!, points[3 * n + 2]!]
    const x = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!
    const y = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!
    const z = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)]
    into[n] = 0
    if (i < -1 || j < -1 || k < -1 || i >= nx || j >= ny || k >= nz) continue
    const [fx, fy, fz] = [x - i, y - j, z - k]
    let sum = 0
    for (let corner = 0; corner < 8; corner++) {
      const [ci, cj, ck] = [i + (corner & 1), j + ((corner >> 1) & 1), k + (corner >> 2)]
      if (ci < 0 || cj < 0 || ck < 0 || ci >= nx || cj >= ny || ck >= nz) continue
      const weight = (corner & 1 ? fx : 1 - fx) * ((corner >> 1) & 1 ? fy : 1 - fy) * (corner >> 2 ? fz : 1 - fz)
      sum += weight * values[ci + nx * (cj + ny * ck)]!
    }
    into[n] = sum
  }
}

/** Writes the label of the voxel that each point lies in, 0 beyond the volume. Shapes: as `sampleLinear`. */
export const sampleNearest = (grid: Grid, labels: Int32Array, points: Float64Array, into: Int32Array): void => {
  const m = invert(grid.affine)
  const [nx, ny, nz] = grid.shape
  const shift = 0.5 + tieTolerance
  for (let n = 0; n < into.length; n++) {
    const [px, py, pz] = [points[3 * n]!, points[3 * n + 1]!, points[3 * n + 2]!]
    const x = Math.floor(m[0]! * px + m[1]! * py + m[2]! * pz + m[3]! + shift)
    const y = Math.floor(m[4]! * px + m[5]! * py + m[6]! * pz + m[7]! + shift)
    const z = Math.floor(m[8]! * px + m[9]! * py + m[10]! * pz + m[11]! + shift)
    const inside = x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz
    into[n] = inside ? labels[x + nx * (y + ny * z)]! : 0
  }
}

/** Writes the places in mm of voxels of a grid, of which `elementOf` gives one after the other. Shape: `into` (voxels, 3). */
export const writeCentres = (
  { affine: m, shape: [nx, ny] }: Grid,
  elementOf: (n: number) => number,
  into: Float64Array
): void => {
  for (let n = 0; n < into.length; n += 3) {
    const element = elementOf(n / 3)
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    into[n] = m[0]! * i + m[1]! * j + m[2]! * k + m[3]!
    into[n + 1] = m[4]! * i + m[5]! * j + m[6]! * k + m[7]!
    into[n + 2] = m[8]! * i + m[9]! * j + m[10]! * k + m[11]!
  }
}

/** Where a warp takes the centres of elements of a grid. Shape: (elements, 3), in mm. */
export const warpedCentres = (grid: Grid, elements: Int32Array, warp: Warp): Float64Array => {
  const points = new Float64Array(3 * elements.length)
  writeCentres(grid, (n) => elements[n]!, points)
  warpPoints(warp, points)
  return points
}
