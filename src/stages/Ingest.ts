/**
 * Ingest: reads the connectome, a few subjects at a time, into chunk slots. The pipeline's first stage.
 *
 * Input: ranges of subjects, in order. Output: one chunk a range, with the raw time series of its subjects.
 * It waits for a free slot before it reads; with two slots or more it reads ahead while later stages compute. It does
 * not look at the values: invalid time series pass through and are counted where they are correlated.
 */
import { Duration, Effect } from "effect"
import type { Connectome, ConnectomeUnreadable } from "../connectome/Connectome.ts"
import type { Chunk, SubjectRange, SubjectTimeSeries } from "../elements/Chunk.ts"
import { chunksInSlots } from "../elements/chunksInSlots.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { Slot } from "../runtime/BufferPool.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import { chunkSlotBytes } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Reads the time series of consecutive subjects, and gives the seconds that readers were busy. */
export type ReadSeries<E, R> = (
  first: number,
  into: ReadonlyArray<Float32Array>
) => Effect.Effect<number, ConnectomeUnreadable | E, R>

export const ingest = (
  connectome: Connectome
): Stage<SubjectRange, Chunk, ConnectomeUnreadable, ChunkPool | Progress> =>
  ingestWith(connectome, (first, into) =>
    Effect.map(Effect.timed(connectome.read(first, into)), ([duration]) => Duration.toSeconds(duration))
  )

/** `ingest` by another way of reading. */
export const ingestWith = <E, R>(
  connectome: Connectome,
  readSeries: ReadSeries<E, R>
): Stage<SubjectRange, Chunk, ConnectomeUnreadable | E, ChunkPool | Progress | R> => ({
  name: "ingest",
  operation: { _tag: "ingest", connectome } satisfies StageOperation,
  transform: (ranges) => chunksInSlots(ranges, (range, slot) => readChunk(connectome, readSeries, range, slot)),
  footprintBytes: (shape) => {
    const readers = connectome.parts === undefined ? 1 : shape.readers
    return shape.chunkSlots * chunkSlotBytes(shape) + readers * connectome.readingBytes(shape.subjectsPerChunk)
  }
})

const readChunk = Effect.fnUntraced(function* <E, R>(
  connectome: Connectome,
  readSeries: ReadSeries<E, R>,
  { first, count }: SubjectRange,
  slot: Slot<Float32Array>
) {
  const progress = yield* Progress
  let offset = 0
  const subjects = connectome.subjects.slice(first, first + count).map((subject): SubjectTimeSeries => {
    const values = slot.buffer.subarray(offset, offset + subject.timePoints * connectome.voxels)
    offset += values.length
    return { subject, values }
  })
  const readSeconds = yield* readSeries(
    first,
    subjects.map(({ values }) => values)
  )
  yield* progress.worked({ readSeconds, readBytes: (connectome.bytesToRead * count) / connectome.subjects.length })
  const chunk: Chunk = { subjects, voxels: connectome.voxels, release: slot.release }
  return chunk
})
