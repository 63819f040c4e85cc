/**
 * Makes 16-bit integers of standardised time series, each voxel scaled to its own largest value, or leaves them float32,
 * and gathers the panels of a chunk file.
 *
 * Between standardising and writing. In: standardised panels, in their order. Out: what a chunk file holds, in memory that
 * the next chunk uses again.
 */
import { Effect, Option, Stream } from "effect"
import type { RawSubject } from "../../connectome/RawConnectome.ts"
import { chunkGeometry, constantsOfStore, panelVoxels, type StoreExtent } from "../../connectome/store/storeGeometry.ts"
import { makeQuantisedPanels, type QuantisedPanels } from "../../kernels/quantisePanels.ts"
import { bytesPerFloat32 } from "../../runtime/ProblemShape.ts"
import type { Stage } from "../../runtime/Stage.ts"
import type { StandardPanels } from "./Standardise.ts"

export interface StoredChunk {
  readonly subject: RawSubject
  /** Position of the chunk file among the subject's. */
  readonly chunk: number
  /** Shape: [panels of a chunk][time points of the store][8]. */
  readonly values: Int16Array | Float32Array
  /** Shape: [panels of a chunk][8]. Standard deviation of each voxel. */
  readonly sd: Float32Array
  /** As `sd`. Standardised signal = integer · step; undefined for float32. */
  readonly step: Float32Array | undefined
}

/** The chunk that is being gathered; float32 values lie in it as they came. */
interface ChunkMemory {
  readonly sd: Float32Array
  readonly values: QuantisedPanels | Float32Array
}

export const quantise = (extent: StoreExtent) => {
  const { panelsPerChunk, chunkBytes } = chunkGeometry(extent)
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: ChunkMemory | undefined
  const stage: Stage<StandardPanels, StoredChunk> = {
    name: "quantise",
    transform: (ranges) =>
      Stream.suspend(() => {
        memory ??= makeMemory(extent)
        const into = memory
        return ranges.pipe(
          Stream.mapEffect(
            Effect.fnUntraced(function* (range) {
              quantiseRange(range, extent.timePoints, into)
              const { subject, chunk, from, panels } = range
              if (from + panels < panelsPerChunk) return Option.none<StoredChunk>()
              yield* Effect.yieldNow
              return Option.some(chunkIn(into, subject, chunk))
            })
          ),
          Stream.filter(Option.isSome),
          Stream.map(({ value }) => value)
        )
      }),
    footprintBytes: () => chunkBytes + 2 * panelsPerChunk * panelVoxels * bytesPerFloat32
  }
  return stage
}

const makeMemory = (extent: StoreExtent): ChunkMemory => {
  const { panelsPerChunk } = chunkGeometry(extent)
  const { precision, timePoints } = extent
  const voxels = panelsPerChunk * panelVoxels
  const integers = precision === "int16"
  return {
    sd: new Float32Array(voxels),
    values: integers
      ? makeQuantisedPanels(panelsPerChunk, timePoints, constantsOfStore)
      : new Float32Array(voxels * timePoints)
  }
}

/** Puts panels to their place in the chunk. */
const quantiseRange = ({ subject, from, values, sd }: StandardPanels, timePoints: number, into: ChunkMemory): void => {
  into.sd.set(sd, from * panelVoxels)
  if (into.values instanceof Float32Array) into.values.set(values, from * timePoints * panelVoxels)
  else into.values.quantise(values, from, subject.timePoints)
}

const chunkIn = ({ sd, values }: ChunkMemory, subject: RawSubject, chunk: number): StoredChunk =>
  values instanceof Float32Array
    ? { subject, chunk, sd, values, step: undefined }
    : { subject, chunk, sd, values: values.integers, step: values.step }
