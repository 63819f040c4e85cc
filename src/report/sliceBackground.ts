/**
 * What slices lie over: greys of an image of the brain that was given, or a soft shape made of the brain mask, whose borders are darker so
 * that the edge of the brain, and of its cavities where the mask leaves them out, can be seen.
 */
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { resampleLinear } from "../imaging/resampleLinear.ts"
import { greyColours } from "./colours.ts"

/** Greys of the made shape, from 0 to 1: a voxel that has no neighbour in the mask, and one that has them all. */
const shapeGreys = [0.3, 0.88] as const

/** Memory that workers share. Shape: (voxels of the grid): greys from 1 on, 0 outside of the head. */
const makeGreys = (grid: Grid): Uint8Array => new Uint8Array(new SharedArrayBuffer(voxelsOf(grid)))

/** A grey from 0 to 1 as a number from 1 on. */
const greyOf = (share: number): number => 1 + Math.round(Math.max(0, Math.min(1, share)) * (greyColours - 1))

/** The shape of a brain mask: each voxel is as light as it has neighbours in the mask, of 26. */
export const shapeOfMask = (grid: Grid, gridIndex: Int32Array): Uint8Array => {
  const greys = makeGreys(grid)
  const [nx, ny, nz] = grid.shape
  const inMask = new Uint8Array(voxelsOf(grid))
  for (let v = 0; v < gridIndex.length; v++) inMask[gridIndex[v]!] = 1
  for (let v = 0; v < gridIndex.length; v++) {
    const element = gridIndex[v]!
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    let neighbours = -1
    for (let dk = k > 0 ? -1 : 0; dk <= (k + 1 < nz ? 1 : 0); dk++) {
      for (let dj = j > 0 ? -1 : 0; dj <= (j + 1 < ny ? 1 : 0); dj++) {
        const at = element + nx * (dj + ny * dk)
        neighbours += inMask[at]! + (i > 0 ? inMask[at - 1]! : 0) + (i + 1 < nx ? inMask[at + 1]! : 0)
      }
    }
    greys[element] = greyOf(shapeGreys[0] + (shapeGreys[1] - shapeGreys[0]) * (neighbours / 26))
  }
  return greys
}

/** Shares of the brain's values that are darkest and lightest; what lies beyond is a few bright voxels of vessels or noise. */
const [darkest, lightest] = [0.02, 0.995]

/** Values that are sorted to find those; more are sampled. */
const mostSorted = 50_000

/** An image that was given, on the grid of the maps. Values of 0 and below, and those that are no numbers, are outside of the head. */
export const greysOfImage = (grid: Grid, image: { readonly grid: Grid; readonly values: Float64Array }): Uint8Array => {
  const { values } = image
  for (let n = 0; n < values.length; n++) if (!Number.isFinite(values[n]!)) values[n] = 0
  const onGrid = new Float32Array(voxelsOf(grid))
  const gridIndex = Int32Array.from({ length: onGrid.length }, (_, n) => n)
  resampleLinear({ target: grid, gridIndex, source: image.grid, values, outside: 0 }, onGrid)
  const greys = makeGreys(grid)
  for (let n = 0; n < onGrid.length; n++) if (onGrid[n]! < 0) onGrid[n] = 0
  const [dark, light] = [quantileOf(onGrid, darkest), quantileOf(onGrid, lightest)]
  for (let n = 0; n < onGrid.length; n++) {
    if (onGrid[n]! > 0) greys[n] = greyOf(light > dark ? (onGrid[n]! - dark) / (light - dark) : 1)
  }
  releaseMemory(onGrid, gridIndex)
  return greys
}

/** The size below which a share of the values that are not 0 lie, told from a sample where they are many; 0 where there are none. */
export const quantileOf = (values: Float32Array, share: number): number => {
  let count = 0
  for (let n = 0; n < values.length; n++) if (values[n] !== 0) count++
  const step = Math.ceil(count / mostSorted)
  const sample = new Float32Array(count === 0 ? 0 : Math.ceil(count / step))
  for (let n = 0, seen = 0; n < values.length; n++) {
    const value = values[n]!
    if (value !== 0 && seen++ % step === 0) sample[Math.floor((seen - 1) / step)] = Math.abs(value)
  }
  sample.sort()
  return sample[Math.floor(share * (sample.length - 1))] ?? 0
}
