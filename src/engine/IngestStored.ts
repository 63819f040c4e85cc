/**
 * Ingest from a store, for the engine: workers read chunk files into its memory and check them as they come. The time series stay
 * as they are stored.
 *
 * Input: ranges of subjects. Output: chunks whose `values` are the subjects' memory as `StoredLayout` says, not raw time series. One
 * chunk is read while another is computed, where there is a slot for it.
 */
import { Effect, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable, StoredTimeSeries } from "../connectome/Connectome.ts"
import type { Chunk, SubjectRange, SubjectTimeSeries } from "../elements/Chunk.ts"
import { chunksInSlots } from "../elements/chunksInSlots.ts"
import type { Slot } from "../runtime/BufferPool.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Engine } from "./Engine.ts"

/** What a pass reads of a store. */
export interface StoredSource {
  readonly connectome: Connectome
  readonly engine: Engine["Service"]
  readonly stored: StoredTimeSeries
  readonly filesOf: StoredTimeSeries["filesOf"]
  /** Bytes that the pass reads of all subjects. */
  readonly bytes: number
}

export const ingestStored = <E, R>(
  ranges: Stream.Stream<SubjectRange, E, R>,
  source: StoredSource
): Stream.Stream<Chunk, E | ConnectomeUnreadable, R | ChunkPool | Progress> =>
  chunksInSlots((takeSlot) =>
    Stream.mapEffect(ranges, (range) => Effect.flatMap(takeSlot, (slot) => readChunk(source, range, slot)))
  )

const readChunk = Effect.fnUntraced(function* (
  { connectome, engine, stored, filesOf, bytes }: StoredSource,
  { first, count }: SubjectRange,
  slot: Slot<Float32Array>
) {
  const progress = yield* Progress
  const ofSubject = stored.layout.bytes / Float32Array.BYTES_PER_ELEMENT
  if (slot.buffer.length < count * ofSubject) {
    return yield* Effect.die(new Error("the chunk slots were planned without ProblemShape.storedBytesPerSubject"))
  }
  const subjects = connectome.subjects.slice(first, first + count).map(
    (subject, position): SubjectTimeSeries => ({
      subject,
      values: slot.buffer.subarray(position * ofSubject, (position + 1) * ofSubject)
    })
  )
  const done = yield* Effect.forEach(
    subjects.flatMap(({ subject, values }) =>
      filesOf(subject.index).map((file) => ({ file, subject, address: values.byteOffset + file.offset }))
    ),
    ({ file, subject, address }) =>
      Effect.mapError(engine.run({ kind: "readStored", file, address }), (failure) =>
        stored.unreadable(file.path, subject.index, failure.cause ?? failure)
      ),
    { concurrency: "unbounded" }
  )
  yield* progress.worked({
    readSeconds: done.reduce((sum, { seconds }) => sum + seconds, 0),
    readBytes: (bytes * count) / connectome.subjects.length
  })
  const chunk: Chunk = { subjects, voxels: connectome.voxels, release: slot.release }
  return chunk
})
