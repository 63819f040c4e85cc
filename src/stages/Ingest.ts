/**
 * Ingest: reads the connectome, a few subjects at a time, into chunk slots. The pipeline's first stage.
 *
 * Input: ranges of subjects, in order. Output: one chunk a range, with the raw time series of its subjects; several where a slot holds fewer
 * subjects, as slots do that were sized for a store's integers. It waits for a free slot before it reads; with two slots or more, it reads
 * ahead while later stages compute. It does not look at the values: invalid time series pass through and are counted where they are
 * correlated.
 */
import { Duration, Effect, Option, Stream } from "effect"
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

/** The stage that reads raw time series. Errors: `ConnectomeUnreadable` where a subject cannot be read. */
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
  transform: (ranges) =>
    chunksInSlots((takeSlot) =>
      Stream.flatMap(ranges, (range) =>
        Stream.paginate(range, (rest) =>
          Effect.flatMap(takeSlot, (slot) => readFirst(connectome, readSeries, rest, slot))
        )
      )
    ),
  footprintBytes: (shape) => {
    const readers = connectome.parts === undefined ? 1 : shape.readers
    const { libraryBytes = 0 } = connectome
    const reading = readers * connectome.readingBytes(shape.subjectsPerChunk)
    return libraryBytes + shape.chunkSlots * chunkSlotBytes(shape) + reading
  }
})

/** A chunk of the range's first subjects, as many as a slot holds, and the range of the remaining subjects. */
const readFirst = Effect.fnUntraced(function* <E, R>(
  connectome: Connectome,
  readSeries: ReadSeries<E, R>,
  range: SubjectRange,
  slot: Slot<Float32Array>
) {
  const subjects = subjectsIn(slot.buffer, connectome, range)
  const count = subjects.length
  if (count === 0) return yield* Effect.die(slotTooSmall(slot.buffer.length, connectome, range))
  const chunk = yield* readChunk(connectome, readSeries, slot, { first: range.first, count }, subjects)
  const rest = { first: range.first + count, count: range.count - count }
  return [[chunk], rest.count > 0 ? Option.some(rest) : Option.none<SubjectRange>()] as const
})

/** The range's first subjects, each at its place in the buffer: as many as lie in it whole. */
const subjectsIn = (
  buffer: Float32Array,
  { subjects, voxels }: Connectome,
  { first, count }: SubjectRange
): ReadonlyArray<SubjectTimeSeries> => {
  const placed: Array<SubjectTimeSeries> = []
  let offset = 0
  for (const subject of subjects.slice(first, first + count)) {
    const end = offset + subject.timePoints * voxels
    if (end > buffer.length) break
    placed.push({ subject, values: buffer.subarray(offset, end) })
    offset = end
  }
  return placed
}

const slotTooSmall = (values: number, { subjects, voxels }: Connectome, { first }: SubjectRange) => {
  const { id, timePoints } = subjects[first]!
  return new Error(
    `a chunk slot holds ${values} float32 values, but subject ${id} has ${timePoints} time points × ${voxels} voxels: the slots ` +
      "were planned for another pipeline. Plan this one with `makePlan`, or leave `storedBytesPerSubject` out of the shape"
  )
}

const readChunk = Effect.fnUntraced(function* <E, R>(
  connectome: Connectome,
  readSeries: ReadSeries<E, R>,
  slot: Slot<Float32Array>,
  { first, count }: SubjectRange,
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const progress = yield* Progress
  const readSeconds = yield* readSeries(
    first,
    subjects.map(({ values }) => values)
  )
  yield* progress.worked({ readSeconds, readBytes: (connectome.bytesToRead * count) / connectome.subjects.length })
  const chunk: Chunk = { subjects, voxels: connectome.voxels, release: slot.release }
  return chunk
})
