/**
 * A lesion whose values weight it: the strength of an electric field, a probability of being lesioned. Checks the values, and
 * brings them to the connectome's voxels by nearest neighbour, as the lesion itself is.
 *
 * Weights must be finite and above 0. They are divided by the largest and kept as float32: a mean does not change with the
 * unit of its weights.
 */
import { Effect, Schema } from "effect"
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import type { Mask } from "../imaging/readMask.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"

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
      "Set such voxels to 0; or set lesions.threshold, and lower values are left out; or lesions.weights: binary."
    )
  }
}

export interface WeightedMask extends Mask {
  /** Shape: as `elements`. */
  readonly values: Float64Array
}

/** Fails with the first value that is negative or infinite. */
export const checkWeights = ({ header, elements, values }: WeightedMask): Effect.Effect<void, InvalidWeight> => {
  const wrong = values.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY))
  if (wrong < 0) return Effect.void
  const voxel = indicesOf(elements[wrong]!, header.grid)
  return Effect.fail(new InvalidWeight({ file: header.file, voxel, value: values[wrong]! }))
}

const indicesOf = (element: number, { shape: [nx, ny] }: Grid): ReadonlyArray<number> => [
  element % nx,
  Math.floor(element / nx) % ny,
  Math.floor(element / (nx * ny))
]

/** Least weight beside a largest of 1: no voxel of the lesion may drop out because float32 rounds it to 0. */
const leastWeight = 2 ** -126

/**
 * Position among a mask's elements of those that resampling gives to elements of another grid.
 *
 * Shapes: one for each of `gridIndex`, each of which the mask reaches.
 */
export const nearestPositions = (
  { elements, header }: Mask,
  target: Grid,
  gridIndex: Int32Array
): Int32Array<ArrayBuffer> => {
  const positions = new Int32Array(voxelsOf(header.grid))
  for (let n = 0; n < elements.length; n++) positions[elements[n]!] = n
  const nearest = new Int32Array(gridIndex.length)
  resampleNearest({ target, gridIndex, source: header.grid, mask: positions }, nearest)
  releaseMemory(positions)
  return nearest
}

/** The weights at positions among a mask's elements; the largest of them becomes 1. */
export const weightsAt = ({ values }: WeightedMask, positions: Int32Array): Float32Array<ArrayBuffer> => {
  let largest = 0
  for (const position of positions) largest = Math.max(largest, values[position]!)
  return Float32Array.from(positions, (position) => Math.max(leastWeight, values[position]! / largest))
}
