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
  const at = (voxel: number, axis: number) => Number(values[axisFirst ? axis * voxels + voxel : 3 * voxel + axis])
  const elements = new Int32Array(voxels)
  for (let v = 0; v < voxels; v++) {
    const [i, j, k] = [at(v, 0), at(v, 1), at(v, 2)]
    const named = `voxel (${i}, ${j}, ${k})`
    if (!(Number.isInteger(i) && Number.isInteger(j) && Number.isInteger(k))) {
      return Result.fail(`has ${named}, which is not three whole numbers`)
    }
    if (i < 0 || i >= nx || j < 0 || j >= ny || k < 0 || k >= nz) {
      return Result.fail(`has ${named}, outside of the grid of ${shape.join(" × ")}`)
    }
    elements[v] = i + nx * (j + ny * k)
  }
  const twice = findTwice(elements)
  if (twice === undefined) return Result.succeed(elements)
  const [i, row] = [twice % nx, Math.floor(twice / nx)]
  return Result.fail(`names voxel (${i}, ${row % ny}, ${Math.floor(row / ny)}) twice`)
}

/** Sorted rather than marked in a volume, which can be a thousand times as large. */
const findTwice = (elements: Int32Array): number | undefined => {
  const sorted = elements.slice().sort()
  return sorted.find((element, position) => position > 0 && element === sorted[position - 1])
}
