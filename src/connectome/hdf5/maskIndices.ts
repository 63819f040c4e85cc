/**
 * From the voxel indices (i, j, k) that an HDF5 file or a store lists to elements of the mask's grid, checked: whole numbers,
 * within the grid, no voxel twice. Pure.
 */
import { Result } from "effect"
import type { Grid } from "../../imaging/Grid.ts"

export interface ListedIndices {
  readonly values: ArrayLike<number | bigint>
  readonly voxels: number
  /** Whether they lie as (3, voxels), and not as (voxels, 3). */
  readonly axisFirst: boolean
}

/** Shape: (voxels), in the order in which they are listed; or what is wrong. */
export const elementsOfIndices = (
  { shape }: Grid,
  { values, voxels, axisFirst }: ListedIndices
): Result.Result<Int32Array, string> => {
  const [nx, ny, nz] = shape
  const [ofVoxel, ofAxis] = axisFirst ? [1, voxels] : [3, 1]
  const elements = new Int32Array(voxels)
  for (let v = 0; v < voxels; v++) {
    const first = v * ofVoxel
    const [i, j, k] = [Number(values[first]), Number(values[first + ofAxis]), Number(values[first + 2 * ofAxis])]
    if (!(isIndex(i, nx) && isIndex(j, ny) && isIndex(k, nz))) return Result.fail(problemOf([i, j, k], shape))
    elements[v] = i + nx * (j + ny * k)
  }
  const twice = findTwice(elements, nx * ny * nz)
  if (twice === undefined) return Result.succeed(elements)
  const [i, row] = [twice % nx, Math.floor(twice / nx)]
  return Result.fail(`names voxel (${i}, ${row % ny}, ${Math.floor(row / ny)}) twice`)
}

const isIndex = (index: number, size: number): boolean => Number.isInteger(index) && index >= 0 && index < size

const problemOf = (voxel: ReadonlyArray<number>, shape: Grid["shape"]): string =>
  voxel.every(Number.isInteger)
    ? `has voxel (${voxel.join(", ")}), outside of the grid of ${shape.join(" × ")}`
    : `has voxel (${voxel.join(", ")}), which is not three whole numbers`

/** The least element that is there twice. */
const findTwice = (elements: Int32Array, gridVoxels: number): number | undefined => {
  if (areDistinct(elements, gridVoxels)) return undefined
  const sorted = elements.slice().sort()
  return sorted.find((element, position) => position > 0 && element === sorted[position - 1])
}

/** Grid voxels a listed voxel up to which a bit for each takes no more memory than a sorted copy of the list. */
const mostMarked = 32

/** Whether no element is there twice, told by marks; false also where the grid is too large for these. */
const areDistinct = (elements: Int32Array, gridVoxels: number): boolean => {
  if (gridVoxels > mostMarked * elements.length) return false
  const marks = new Uint8Array(Math.ceil(gridVoxels / 8))
  for (let n = 0; n < elements.length; n++) {
    const [byte, bit] = [elements[n]! >>> 3, 1 << (elements[n]! & 7)]
    if ((marks[byte]! & bit) !== 0) return false
    marks[byte]! |= bit
  }
  return true
}
