/**
 * A lesion whose values weight it: the strength of an electric field, a probability of being lesioned. Reads the values, and
 * brings them to the connectome's voxels by nearest neighbour, as the lesion itself is.
 *
 * Weights must be finite and at least 0. They are divided by the largest and kept as float32: a mean does not change with the
 * unit of its weights.
 */
import { Effect, Schema } from "effect"
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import type { InvalidNifti } from "../imaging/InvalidNifti.ts"
import { volumeBytesOf } from "../imaging/NiftiHeader.ts"
import { type Mask, visitNonZero } from "../imaging/readMask.ts"
import { type NotASingleVolume, readVolumeHeader } from "../imaging/readVolume.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"
import { streamVolumes } from "../imaging/streamVolumes.ts"

/** A voxel of a lesion file holds what cannot be a weight. */
export class InvalidWeight extends Schema.TaggedError<InvalidWeight>()("InvalidWeight", {
  file: Schema.String,
  /** Indices i, j, k of the voxel in the file. */
  voxel: Schema.Array(Schema.Int),
  value: Schema.Number
}) {
  override get message(): string {
    return (
      `${this.file}: voxel (${this.voxel.join(", ")}) holds ${this.value}, which cannot be a weight (a finite number, 0 or more). ` +
      "Set such voxels to 0, or set lesions.weights: binary, which takes every voxel that is not 0 alike."
    )
  }
}

export interface WeightedMask extends Mask {
  /** Shape: as `elements`. */
  readonly values: Float64Array
}

/**
 * Reads the only volume of a NIfTI file as weights: the voxels above 0, and their values.
 *
 * Errors: as `readMask`, and `InvalidWeight` for the first voxel that is negative, NaN or infinite.
 *
 * Memory: the stored bytes, and about 20 bytes a voxel above 0.
 */
export const readWeights = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<WeightedMask, InvalidNifti | NotASingleVolume | InvalidWeight> {
  const header = yield* readVolumeHeader(file)
  const bytes = new Uint8Array(volumeBytesOf(header))
  yield* streamVolumes(header, bytes, () => {})
  const elements: Array<number> = []
  const values: Array<number> = []
  visitNonZero(bytes, header, (element, value) => {
    elements.push(element)
    values.push(value)
  })
  const wrong = values.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY))
  if (wrong >= 0) {
    return yield* new InvalidWeight({ file, voxel: indicesOf(elements[wrong]!, header.grid), value: values[wrong]! })
  }
  const mask: WeightedMask = { header, elements: Int32Array.from(elements), values: Float64Array.from(values) }
  return mask
})

const indicesOf = (element: number, { shape: [nx, ny] }: Grid): ReadonlyArray<number> => [
  element % nx,
  Math.floor(element / nx) % ny,
  Math.floor(element / (nx * ny))
]

/** Least weight beside a largest of 1: no voxel of the lesion may drop out because float32 rounds it to 0. */
const leastWeight = 2 ** -126

/**
 * The weights at elements of another grid, each in a voxel of the mask; the largest of them becomes 1.
 *
 * Shapes: gives one weight for each of `gridIndex`.
 */
export const weightsAt = (
  { elements, values, header }: WeightedMask,
  target: Grid,
  gridIndex: Int32Array
): Float32Array<ArrayBuffer> => {
  const positions = new Int32Array(voxelsOf(header.grid))
  for (let n = 0; n < elements.length; n++) positions[elements[n]!] = n
  const nearest = new Int32Array(gridIndex.length)
  resampleNearest({ target, gridIndex, source: header.grid, mask: positions }, nearest)
  let largest = 0
  for (const position of nearest) largest = Math.max(largest, values[position]!)
  return Float32Array.from(nearest, (position) => Math.max(leastWeight, values[position]! / largest))
}
