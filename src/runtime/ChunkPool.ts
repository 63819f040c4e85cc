/**
 * The pool of chunk slots: the only source of memory for time series. A slot holds the float32 time series of one
 * chunk of subjects; `ingest` takes a slot for each chunk, and the stage that last needs the time series releases it.
 */
import { Context, Layer } from "effect"
import * as BufferPool from "./BufferPool.ts"
import { bytesPerFloat32, chunkSlotBytes, type ProblemShape } from "./ProblemShape.ts"

/** The pool of chunk slots of the running program. */
export class ChunkPool extends Context.Service<ChunkPool, BufferPool.BufferPool<Float32Array>>()(
  "lesion-network-mapping/runtime/ChunkPool"
) {
  /** Slots as the plan says: `shape.chunkSlots` of `subjectsPerChunk` × time points × voxels. */
  static readonly layer = (shape: ProblemShape): Layer.Layer<ChunkPool> =>
    ChunkPool.layerOf(shape.chunkSlots, chunkSlotBytes(shape) / bytesPerFloat32)

  /** A number of slots of so many float32 values each. */
  static readonly layerOf = (slots: number, values: number): Layer.Layer<ChunkPool> =>
    Layer.effect(
      ChunkPool,
      BufferPool.make(slots, () => new Float32Array(values))
    )
}
