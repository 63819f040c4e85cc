/**
 * The one check of where voxels lie: every grid that comes from a file (HDF5, store, NIfTI) is made here, so that no stage
 * meets one that cannot be inverted, indexed or written.
 *
 * Input: a shape and an affine as the file has them. Output: a `Grid`, or what is wrong and with which of the two; the
 * reader makes a failure of that, with the file's name and the name that the part has there.
 */
import { Result } from "effect"
import { isSingular } from "./affine.ts"
import type { Affine, Grid, Shape } from "./Grid.ts"

/** Most voxels along an axis: the dimensions of NIfTI-1, as which maps are written, are signed 16-bit integers. */
export const mostAlongAxis = 32_767

/** Most voxels of a volume: elements are kept as signed 32-bit integers. */
const mostVoxels = 2 ** 31 - 1

/** How far the last row of an affine may be off (0, 0, 0, 1): what float32 makes of it. */
const lastRowTolerance = 1e-6

export interface GridProblem {
  readonly part: "shape" | "affine"
  /** What is wrong: a predicate, "is 7 × 5 × 0, not …". */
  readonly problem: string
}

const listOf = (values: ReadonlyArray<number>, separator: string): string => values.map(String).join(separator)

const shapeProblem = (shape: ReadonlyArray<number>): string | undefined => {
  const isSize = (size: number) => Number.isInteger(size) && size >= 1 && size <= mostAlongAxis
  if (shape.length !== 3 || !shape.every(isSize)) {
    return `is ${listOf(shape, " × ") || "empty"}, not three whole numbers of 1 to ${mostAlongAxis}`
  }
  const voxels = shape[0]! * shape[1]! * shape[2]!
  return voxels > mostVoxels
    ? `is ${listOf(shape, " × ")}: a volume may have ${mostVoxels} voxels at most, this has ${voxels}`
    : undefined
}

const affineProblem = (affine: ReadonlyArray<number>): string | undefined => {
  if (affine.length !== 16) return `has ${affine.length} numbers, not 4 × 4`
  if (!affine.every(Number.isFinite)) return `[${listOf(affine, ", ")}] holds values that are no numbers`
  const last = affine.slice(12)
  if (last.some((value, column) => Math.abs(value - (column === 3 ? 1 : 0)) > lastRowTolerance)) {
    const turned = affine.filter((_, index) => index % 4 === 3).join() === "0,0,0,1"
    return `ends in the row (${listOf(last, ", ")}) instead of (0, 0, 0, 1)${turned ? "; it seems to be transposed" : ""}`
  }
  return isSingular(affine) ? `[${listOf(affine.slice(0, 12), ", ")}] cannot be inverted` : undefined
}

/** A grid whose shape is three positive whole numbers and whose affine can be inverted, or what is wrong. */
export const makeGrid = (
  shape: ReadonlyArray<number>,
  affine: ReadonlyArray<number>
): Result.Result<Grid, GridProblem> => {
  const ofShape = shapeProblem(shape)
  if (ofShape !== undefined) return Result.fail({ part: "shape", problem: ofShape })
  const ofAffine = affineProblem(affine)
  if (ofAffine !== undefined) return Result.fail({ part: "affine", problem: ofAffine })
  const placed: Affine = [...affine.slice(0, 12), 0, 0, 0, 1]
  return Result.succeed({ shape: [shape[0]!, shape[1]!, shape[2]!] satisfies Shape, affine: placed })
}
