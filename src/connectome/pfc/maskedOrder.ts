/**
 * The voxels of a mask in the order in which NumPy lists them, and with it nilearn's maskers and the pfc-toolkit: the last axis
 * fastest, where NIfTI has the first. Pure.
 */
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"

/** Shape of both: (voxels); `gridIndex` in any order. */
export const maskedOrder = (grid: Grid, gridIndex: Int32Array): Int32Array => {
  const [nx, ny, nz] = grid.shape
  const inMask = new Uint8Array(voxelsOf(grid))
  for (const element of gridIndex) inMask[element] = 1
  const ordered = new Int32Array(gridIndex.length)
  let n = 0
  for (let i = 0; i < nx; i++) {
    for (let j = 0; j < ny; j++) {
      for (let k = 0; k < nz; k++) {
        const element = i + nx * (j + ny * k)
        if (inMask[element] === 1) ordered[n++] = element
      }
    }
  }
  return ordered
}
