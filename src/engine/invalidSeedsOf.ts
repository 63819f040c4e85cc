/** Which lesions have no valid seed in a subject, from the packed seeds in the engine's memory. */
import { BLOCK_LESIONS } from "../kernels/WasmKernels.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import type { Engine } from "./Engine.ts"

/**
 * Lesions whose seed is invalid in a subject of a chunk: it is packed as zeros, which a seed of unit norm is not.
 *
 * @param position of the subject among those that are packed
 */
export const invalidSeedsOf = (
  { memory, layout }: Pick<Engine["Service"], "memory" | "layout">,
  lesions: number,
  timePoints: number,
  position: number
): ReadonlyArray<number> => {
  const values = Math.ceil(lesions / BLOCK_LESIONS) * BLOCK_LESIONS * timePoints
  const packed = new Float32Array(memory.buffer, layout.seeds + position * values * bytesPerFloat32, values)
  return Array.from({ length: lesions }, (_, lesion) => lesion).filter((lesion) => {
    const first = Math.floor(lesion / BLOCK_LESIONS) * BLOCK_LESIONS * timePoints + (lesion % BLOCK_LESIONS)
    for (let t = 0; t < timePoints; t++) if (packed[first + t * BLOCK_LESIONS] !== 0) return false
    return true
  })
}
