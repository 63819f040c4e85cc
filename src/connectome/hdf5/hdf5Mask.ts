/**
 * The brain mask and the template space of a connectome's HDF5 file, checked: `mask_indices`, `mask_affine`, the attributes
 * `mask_shape` and `space`. Under `hdf5Layout`; throws what the HDF5 library throws of a damaged file.
 */
import { statSync } from "node:fs"
import { Result } from "effect"
import { isBidsLabel } from "../../imaging/bidsLabel.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { makeGrid } from "../../imaging/makeGrid.ts"
import type { Warning } from "../../runtime/Warnings.ts"
import type { Hdf5File } from "./hdf5Library.ts"
import { elementsOfIndices } from "./maskIndices.ts"

const layoutHelp =
  "A connectome file has `timeseries` (subjects, time points, voxels), `mask_indices`, `mask_affine` and the attribute `mask_shape`."

/** What is wrong with a file, and what to do. */
export interface LayoutProblem {
  readonly problem: string
  readonly remedy: string
}

export const wrong = (problem: string, remedy = layoutHelp): Result.Result<never, LayoutProblem> =>
  Result.fail({ problem, remedy })

/** The mask's grid. */
export const gridOf = (file: Hdf5File): Result.Result<Grid, LayoutProblem> => {
  const stored = file.attribute("mask_shape")
  if (stored === undefined) return wrong("there is no attribute `mask_shape`")
  const shape = Array.from(stored as ArrayLike<number | bigint>, Number)
  const affine = file.dataset("mask_affine")
  if (affine === undefined || affine.shape.join() !== "4,4") return wrong("there is no `mask_affine` of 4 × 4 numbers")
  return Result.mapError(makeGrid(shape, Array.from(file.readAll("mask_affine"), Number)), ({ part, problem }) => ({
    problem: `\`mask_${part}\` ${problem}`,
    remedy: layoutHelp
  }))
}

/** Bytes that one byte of deflate can stand for, at most; other filters that HDF5 files have compress less. Source: zlib's technical notes */
const largestRatio = 1032

/** Elements of the grid that the voxels are, of time series of the given shape. */
export const gridIndexOf = (file: Hdf5File, grid: Grid, shape: ReadonlyArray<number>) =>
  Result.gen(function* () {
    const dataset = file.dataset("mask_indices")
    if (dataset === undefined) return yield* wrong("there is no dataset `mask_indices`")
    const voxels = shape[2]!
    const [rows, columns] = dataset.shape
    const axisFirst = rows === 3 && columns === voxels
    const voxelsFirst = rows === voxels && columns === 3
    if (dataset.shape.length !== 2 || !(axisFirst || voxelsFirst)) {
      const size = `\`mask_indices\` is ${dataset.shape.join(" × ")}, but \`timeseries\` has ${voxels} voxels`
      return yield* wrong(size + transpositionHint(dataset.shape, shape))
    }
    if (voxels > voxelsOf(grid)) {
      return yield* wrong(`\`timeseries\` has ${voxels} voxels, more than the grid of ${grid.shape.join(" × ")}`)
    }
    const { size: fileBytes } = statSync(file.path)
    const announced = 3 * voxels * dataset.metadata.size
    if (announced > largestRatio * fileBytes) {
      return yield* wrong(`\`mask_indices\` would have ${announced} bytes, which a file of ${fileBytes} cannot hold`)
    }
    const values = file.readAll("mask_indices")
    const reading = (order: boolean) => elementsOfIndices(grid, { values, voxels, axisFirst: order })
    const chosen = reading(axisFirst)
    // Of 3 × 3 indices either axis may be the voxels.
    const other = axisFirst && voxelsFirst ? reading(false) : undefined
    if (Result.isFailure(chosen) && other !== undefined && Result.isSuccess(other)) {
      return { gridIndex: other.success, warnings: [] }
    }
    const gridIndex = yield* Result.mapError(chosen, (problem) => ({
      problem: `\`mask_indices\` ${problem}`,
      remedy: layoutHelp
    }))
    const isUnclear = other !== undefined && Result.isSuccess(other) && other.success.join() !== gridIndex.join()
    return { gridIndex, warnings: isUnclear ? [ambiguous(file.path)] : [] }
  })

const ambiguous = (file: string): Warning => ({
  file,
  found: "`mask_indices` is 3 × 3, and can be read as (3, voxels) and as (voxels, 3)",
  taken: "It was read as (3, voxels)"
})

/** A hint for a shape that does not fit the mask, but would with its axes in another order. */
const transpositionHint = (indices: ReadonlyArray<number>, [subjects, timePoints]: ReadonlyArray<number>): string => {
  const voxels = indices[0] === 3 ? indices[1] : indices[0]
  if (voxels === undefined) return ""
  if (timePoints === voxels) return "; it seems to be (subjects, voxels, time points)"
  return subjects === voxels ? "; it seems to be (voxels, time points, subjects)" : ""
}

/** The attribute `space`: text, or an array of one; empty text says nothing. */
export const spaceOf = (file: Hdf5File): Result.Result<string | undefined, LayoutProblem> => {
  const stored = file.attribute("space")
  const value: unknown = Array.isArray(stored) && stored.length === 1 ? stored[0] : stored
  if (value === undefined) return Result.succeed(undefined)
  // Text of a fixed length may be filled up with blanks or zeros.
  const text = typeof value === "string" ? value.replace(/[\s\0]+$/, "") : undefined
  if (text === "") return Result.succeed(undefined)
  if (text !== undefined && isBidsLabel(text)) return Result.succeed(text)
  const said =
    text === undefined ? "is no text" : `is ${JSON.stringify(text.slice(0, mostShown))}, which is no BIDS label`
  return wrong(`the attribute \`space\` ${said}`, "A label has letters and digits only, as MNI152NLin6Asym.")
}

/** Characters of a wrong label that a message shows. */
const mostShown = 60
