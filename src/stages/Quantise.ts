/**
 * Makes 16-bit integers of standardised time series, each voxel scaled to its own largest value; float32 stays as it is.
 *
 * Between standardising and writing. In: standardised chunks. Out: what a chunk file holds, in memory that the next chunk
 * uses again.
 */
import { Effect, Stream } from "effect"
import { chunkGeometry, type StoreExtent } from "../connectome/storeGeometry.ts"
import { quantisePanels } from "../kernels/quantisePanels.ts"
import { PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { StandardChunk } from "./Standardise.ts"

export interface StoredChunk extends Omit<StandardChunk, "values"> {
  readonly values: Int16Array | Float32Array
  /** Standardised signal = integer · step, of each voxel of the chunk's panels; undefined for float32. */
  readonly step: Float32Array | undefined
}

export const quantise = (extent: StoreExtent) => {
  const { panelsPerChunk, chunkBytes } = chunkGeometry(extent)
  const { timePoints, precision } = extent
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: { readonly integers: Int16Array; readonly step: Float32Array } | undefined
  const stage: Stage<StandardChunk, StoredChunk> = {
    name: "quantise",
    transform: (chunks) =>
      Stream.suspend(() => {
        if (precision === "float32") return Stream.map(chunks, (chunk): StoredChunk => ({ ...chunk, step: undefined }))
        memory ??= {
          integers: new Int16Array(chunkBytes / Int16Array.BYTES_PER_ELEMENT),
          step: new Float32Array(panelsPerChunk * PANEL_VOXELS)
        }
        const { integers, step } = memory
        return Stream.mapEffect(chunks, (chunk) =>
          Effect.sync((): StoredChunk => {
            const own = chunk.subject.timePoints
            quantisePanels(chunk.values, { panels: panelsPerChunk, timePoints, own }, integers, step)
            return { ...chunk, values: integers, step }
          })
        )
      }),
    footprintBytes: () => (precision === "int16" ? chunkBytes : 0)
  }
  return stage
}
