/**
 * A lesion, as the stages take it: which of the connectome's voxels it covers.
 *
 * Loaded from a binary or weighted NIfTI mask on any grid, resampled to the connectome's by nearest neighbour. Every
 * finite voxel that is not 0 is lesion; its value weights it where the config says so. How much of it fell outside the brain mask, or between voxels of a coarser
 * grid, can be told from the counts. Seeds and correlations are made of `voxels` by later stages.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { voxelVolumeMm3 } from "../imaging/affine.ts"
import { entityOf, parseBidsName } from "../imaging/BidsName.ts"
import { elementsNear } from "../imaging/elementsNear.ts"
import { type Grid, sameGrid, voxelsOf } from "../imaging/Grid.ts"
import type { InvalidNifti } from "../imaging/InvalidNifti.ts"
import { type Mask, readMask } from "../imaging/readMask.ts"
import type { NotASingleVolume } from "../imaging/readVolume.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"
import { type InvalidWeight, readWeights, type WeightedMask, weightsAt } from "./lesionWeights.ts"

export interface LesionCounts {
  /** Lesion voxels in the file, on its own grid. */
  readonly sourceVoxels: number
  /** Their volume. */
  readonly sourceVolumeMl: number
  /** Lesion voxels on the connectome's grid, brain or not. */
  readonly gridVoxels: number
  /** Lesion voxels inside the connectome's brain mask. */
  readonly maskVoxels: number
}

export interface Lesion {
  /** Path as given. */
  readonly file: string
  /** File name without folders. */
  readonly name: string
  /** The file's own grid. */
  readonly grid: Grid
  /** Shape: (mask voxels), ascending. Which of the connectome's voxels are lesion. */
  readonly voxels: Int32Array
  /** Shape: as `voxels`. What each counts in the seed, the largest 1. Undefined: all the same. */
  readonly weights?: Float32Array | undefined
  /** Voxels of its refined seed, once there is one. */
  readonly seedVoxels?: number | undefined
  readonly counts: LesionCounts
}

/** What a lesion is put onto; a `Connectome` is one. */
export interface LesionTarget {
  readonly grid: Grid
  /** Shape: (voxels). Element of the grid's volume that each voxel of the brain mask is. */
  readonly gridIndex: Int32Array
  /** BIDS space label, where it is known. */
  readonly space: string | undefined
}

/** A lesion file has no lesion in it. */
export class EmptyLesion extends Schema.TaggedError<EmptyLesion>()("EmptyLesion", { file: Schema.String }) {
  override get message(): string {
    return `${this.file}: every voxel is 0. Draw the lesion again, or leave the file out`
  }
}

/** No voxel of a lesion lies in the connectome's brain mask. */
export class LesionOutsideBrain extends Schema.TaggedError<LesionOutsideBrain>()("LesionOutsideBrain", {
  file: Schema.String,
  sourceVoxels: Schema.Finite,
  gridVoxels: Schema.Finite
}) {
  override get message(): string {
    const found = `none of its ${this.sourceVoxels} lesion voxels lies in the connectome's brain mask`
    const hint =
      this.gridVoxels === 0
        ? "It lies beyond the connectome's grid or fits between its voxels: check that it is in the connectome's space"
        : "Check that it is in the connectome's space and not in white matter or fluid that the mask leaves out"
    return `${this.file}: ${found} (${this.gridVoxels} on its whole grid). ${hint}`
  }
}

/** The name of a lesion file says another space than the connectome's. */
export class SpaceMismatch extends Schema.TaggedError<SpaceMismatch>()("SpaceMismatch", {
  file: Schema.String,
  space: Schema.String,
  expected: Schema.String
}) {
  override get message(): string {
    const found = `its name says space-${this.space}, the connectome is in ${this.expected}`
    return `${this.file}: ${found}. Transform the lesion to ${this.expected}, or correct its name or connectome.space`
  }
}

export type LesionError =
  | InvalidNifti
  | NotASingleVolume
  | EmptyLesion
  | LesionOutsideBrain
  | SpaceMismatch
  | InvalidWeight

/** What the values of a lesion's file mean: lesion or not, or how much each voxel counts in the seed. */
export type LesionWeights = "binary" | "values"

/** Elements of the target's grid, brain or not, that lesion voxels of the source become. */
const ontoGrid = (elements: Int32Array, source: Grid, target: Grid): Int32Array => {
  if (sameGrid(source, target)) return elements
  const mask = new Uint8Array(voxelsOf(source))
  for (let n = 0; n < elements.length; n++) mask[elements[n]!] = 1
  const gridIndex = elementsNear(target, source, elements)
  const resampled = new Uint8Array(gridIndex.length)
  resampleNearest({ target, gridIndex, source, mask }, resampled)
  return gridIndex.filter((_, n) => resampled[n] === 1)
}

/** Which of the brain mask's voxels are among elements of the grid. */
const insideBrain = (elements: Int32Array, { grid, gridIndex }: LesionTarget): Int32Array => {
  const lesioned = new Uint8Array(voxelsOf(grid))
  for (let n = 0; n < elements.length; n++) lesioned[elements[n]!] = 1
  const voxels: Array<number> = []
  for (let voxel = 0; voxel < gridIndex.length; voxel++) if (lesioned[gridIndex[voxel]!] === 1) voxels.push(voxel)
  return Int32Array.from(voxels)
}

/**
 * Reads a lesion and puts it onto a connectome's voxels.
 *
 * Errors: `SpaceMismatch`, told from the name before anything is read; `InvalidNifti`, `NotASingleVolume`; `InvalidWeight`;
 * `EmptyLesion` where every voxel is 0; `LesionOutsideBrain` where none is left in the brain mask.
 *
 * Memory: the file's stored volume, and 1 byte (weighted: 5) a voxel of it and of the connectome's grid, until it returns.
 */
export const loadLesion = Effect.fnUntraced(function* (
  file: string,
  target: LesionTarget,
  weights: LesionWeights = "binary"
): Effect.fn.Return<Lesion, LesionError> {
  const name = basename(file)
  const space = entityOf(parseBidsName(name), "space")
  if (space !== undefined && target.space !== undefined && space !== target.space) {
    return yield* new SpaceMismatch({ file, space, expected: target.space })
  }
  const mask: Mask | WeightedMask = yield* weights === "values" ? readWeights(file) : readMask(file)
  const { header, elements } = mask
  const sourceVoxels = elements.length
  if (sourceVoxels === 0) return yield* new EmptyLesion({ file })
  const gridElements = ontoGrid(elements, header.grid, target.grid)
  const gridVoxels = gridElements.length
  const voxels = insideBrain(gridElements, target)
  if (voxels.length === 0) return yield* new LesionOutsideBrain({ file, sourceVoxels, gridVoxels })
  const sourceVolumeMl = (sourceVoxels * voxelVolumeMm3(header.grid.affine)) / 1000
  const counts = { sourceVoxels, sourceVolumeMl, gridVoxels, maskVoxels: voxels.length }
  const lesion: Lesion = { file, name, grid: header.grid, voxels, counts }
  if (!("values" in mask)) return lesion
  const gridIndex = voxels.map((voxel) => target.gridIndex[voxel]!)
  return { ...lesion, weights: weightsAt(mask, target.grid, gridIndex) }
})
