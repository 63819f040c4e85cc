/** Why a lesion cannot be used: it is empty, lies outside of the brain, is no mask, or its file cannot be read. */
import { Schema } from "effect"
import type { ImageTooLarge } from "../imaging/loadingMemory.ts"
import { mostDistinct } from "../imaging/maskValues.ts"
import type { InvalidNifti } from "../imaging/nifti/InvalidNifti.ts"
import type { NotASingleVolume } from "../imaging/nifti/readVolume.ts"
import type { WarpError } from "../warps/templateWarps.ts"
import type { NegativeValues } from "./lesionValues.ts"
import type { InvalidWeight } from "./lesionWeights.ts"

/** A share as messages say it: "15 %". */
export const percentOf = (share: number): string => `${Number((100 * share).toPrecision(2))} %`

/** A lesion file has no lesion in it. */
export class EmptyLesion extends Schema.TaggedError<EmptyLesion>()("EmptyLesion", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Draw the lesion again, or leave the file out`
  }
}

/** No voxel of a lesion lies in the connectome's brain mask. */
export class LesionOutsideBrain extends Schema.TaggedError<LesionOutsideBrain>()("LesionOutsideBrain", {
  file: Schema.String,
  sourceVoxels: Schema.Finite,
  gridVoxels: Schema.Finite,
  /** What it is where it is a place; left out of a mask. */
  place: Schema.optionalKey(Schema.Literals(["point", "small sphere"]))
}) {
  override get message(): string {
    if (this.place !== undefined) {
      return `${this.file}: no voxel of the connectome's brain mask lies within a voxel's diagonal of it. Check its coordinates, in mm, and their space`
    }
    const found = `none of its ${this.sourceVoxels} lesion voxels lies in the connectome's brain mask`
    const hint =
      this.gridVoxels === 0
        ? "It lies beyond the connectome's grid, or farther from the brain mask than a voxel's diagonal: check that it is in the connectome's space"
        : "Check that it is in the connectome's space and not in white matter or fluid that the mask leaves out"
    return `${this.file}: ${found} (${this.gridVoxels} on its whole grid). ${hint}`
  }
}

/** A file covers most of the brain with so many different values that it is no mask. */
export class LesionCoversBrain extends Schema.TaggedError<LesionCoversBrain>()("LesionCoversBrain", {
  file: Schema.String,
  /** Share of the brain mask that is above 0. */
  share: Schema.Finite
}) {
  override get message(): string {
    return (
      `${this.file}: more than ${mostDistinct} different values cover ${percentOf(this.share)} of the brain mask: this is an image or ` +
      "noise, not a mask. Set lesions.threshold to the value from which on it is lesion, or lesions.weights: values where they are weights"
    )
  }
}

export type LesionError =
  | InvalidNifti
  | NotASingleVolume
  | EmptyLesion
  | LesionOutsideBrain
  | LesionCoversBrain
  | ImageTooLarge
  | WarpError
  | NegativeValues
  | InvalidWeight
