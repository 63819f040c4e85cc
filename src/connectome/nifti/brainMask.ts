/**
 * The 3D brain mask of a folder of scans: which voxels a connectome has, and on which grid.
 *
 * The grid is that of the scans. Where they are stored in another orientation than the mask, or cropped, the mask's voxels are
 * found among theirs by `placeVoxels`. A mask of another resolution is resampled to their grid by nearest neighbour, with a
 * warning, where all of it lies within them. Scans of different orientations among themselves are brought to the first one's.
 */
import { resolve } from "node:path"
import { Effect } from "effect"
import { voxelSizeMm, voxelVolumeMm3 } from "../../imaging/affine.ts"
import { elementsNear } from "../../imaging/elementsNear.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import type { ImageTooLarge } from "../../imaging/loadingMemory.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import { type Placement, placeVoxels } from "../../imaging/placeVoxels.ts"
import { readMask } from "../../imaging/readMask.ts"
import { resampleNearest } from "../../imaging/resampleNearest.ts"
import { warn } from "../../runtime/Warnings.ts"
import { InvalidConnectome } from "../Connectome.ts"

export interface BrainMask {
  readonly file: string
  readonly grid: Grid
  /** Shape: (voxels), ascending. */
  readonly gridIndex: Int32Array
}

export const readBrainMask = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<BrainMask, InvalidConnectome | InvalidNifti | ImageTooLarge> {
  const file = resolve(path)
  const { header, elements } = yield* readMask(file).pipe(
    Effect.catchTag("NotASingleVolume", ({ dims }) => {
      const problem = `the brain mask has ${dims.length} dimensions (${dims.join(" × ")})`
      return Effect.fail(new InvalidConnectome({ file, problem, remedy: "Give a 3D mask." }))
    })
  )
  if (elements.length > 0) return { file, grid: header.grid, gridIndex: elements }
  return yield* new InvalidConnectome({ file, problem: "the brain mask is empty", remedy: "Give another mask." })
})

/** Where the mask's voxels are in a scan. */
export const placeMask = ({ grid, gridIndex }: BrainMask, scan: Grid): Placement => placeVoxels(grid, gridIndex, scan)

/** "91 × 109 × 91 voxels of 2 × 2 × 2 mm". */
export const describeGrid = ({ shape, affine }: Grid): string => {
  const sizes = voxelSizeMm(affine).map((size) => Number(size.toPrecision(4)))
  return `${shape.join(" × ")} voxels of ${sizes.join(" × ")} mm`
}

/**
 * Largest change of a mask's volume when it is resampled, as a share of it; where it changes more, part of it lies
 * outside of the scans.
 */
const volumeTolerance = 0.1

/**
 * The mask on the grid of the scans: of the first in which its voxels lie as they are; else resampled to the first of all.
 *
 * Errors: `InvalidConnectome` where resampling changes the mask too much: then scans and mask lie apart.
 */
export const fitMask = Effect.fnUntraced(function* (mask: BrainMask, scans: ReadonlyArray<Grid>) {
  for (const grid of scans) {
    const placement = placeMask(mask, grid)
    if (placement.kind !== "placed") continue
    const placed: BrainMask = { file: mask.file, grid, gridIndex: placement.elements.sort() }
    return placed
  }
  const [first] = scans
  return first === undefined ? mask : yield* resampleMask(mask, first)
})

const resampleMask = Effect.fnUntraced(function* (mask: BrainMask, grid: Grid) {
  const gridIndex = resampled(mask, grid)
  const share =
    (gridIndex.length * voxelVolumeMm3(grid.affine)) / (mask.gridIndex.length * voxelVolumeMm3(mask.grid.affine))
  const grids = `(${describeGrid(mask.grid)}) is not that of the scans (${describeGrid(grid)})`
  if (Math.abs(share - 1) > volumeTolerance) {
    return yield* new InvalidConnectome({
      file: mask.file,
      problem: `the brain mask's grid ${grids}, and ${Math.round(100 * share)} % of the mask's volume lies within them`,
      remedy: "Give the mask that belongs to the scans."
    })
  }
  yield* warn({
    file: mask.file,
    found: `the brain mask's grid ${grids}`,
    taken: "The mask was resampled to the grid of the scans by nearest neighbour"
  })
  const fitted: BrainMask = { file: mask.file, grid, gridIndex }
  return fitted
})

/** Elements of the target, ascending, whose centre lies in a voxel of the mask. */
const resampled = ({ grid, gridIndex }: BrainMask, target: Grid): Int32Array => {
  const mask = new Uint8Array(voxelsOf(grid))
  for (const element of gridIndex) mask[element] = 1
  const near = elementsNear(target, grid, gridIndex)
  const inside = new Uint8Array(near.length)
  resampleNearest({ target, gridIndex: near, source: grid, mask }, inside)
  return near.filter((_, n) => inside[n] === 1)
}
