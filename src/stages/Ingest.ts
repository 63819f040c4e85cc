/**
 * Ingest: reads the connectome, a few subjects at a time, into chunk slots. The pipeline's first stage.
 *
 * Input: ranges of subjects, in order. Output: one chunk a range, with the raw time series of its subjects.
 * It waits for a free slot before it reads; with two slots or more it reads ahead while later stages compute. It does
 * not look at the values: invalid time series pass through and are counted where they are correlated.
 */
import { Duration, Effect, Option, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable } from "../connectome/Connectome.ts"
import type { Chunk, SubjectRange, SubjectTimeSeries } from "../elements/Chunk.ts"
import { Engine } from "../engine/Engine.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import { chunkSlotBytes } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { AnyStage, Stage } from "../runtime/Stage.ts"

export const ingest = (
  connectome: Connectome
): Stage<SubjectRange, Chunk, ConnectomeUnreadable, ChunkPool | Progress> => {
  const stage = makeStage(connectome)
  connectomeOfStage.set(stage, connectome)
  return stage
}

const connectomeOfStage = new WeakMap<AnyStage, Connectome>()

/** The connectome of a stage that `ingest` made; undefined for any other stage. */
export const ingestedConnectome = (stage: AnyStage): Connectome | undefined => connectomeOfStage.get(stage)

const makeStage = (connectome: Connectome): Stage<SubjectRange, Chunk, ConnectomeUnreadable, ChunkPool | Progress> => ({
  name: "ingest",
  transform: (ranges) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const pool = yield* ChunkPool
        const progress = yield* Progress
        const chunks = Stream.mapEffect(ranges, (range) => readChunk(connectome, pool, range, progress))
        return pool.slots > 1 ? Stream.buffer(chunks, { capacity: 1 }) : chunks
      })
    ),
  footprintBytes: (shape) => {
    const readers = connectome.parts === undefined ? 1 : shape.readers
    return shape.chunkSlots * chunkSlotBytes(shape) + readers * connectome.readingBytes(shape.subjectsPerChunk)
  }
})

const readChunk = Effect.fnUntraced(function* (
  connectome: Connectome,
  pool: ChunkPool["Service"],
  { first, count }: SubjectRange,
  progress: Progress["Service"]
) {
  const slot = yield* pool.take
  let offset = 0
  const subjects = connectome.subjects.slice(first, first + count).map((subject): SubjectTimeSeries => {
    const values = slot.buffer.subarray(offset, offset + subject.timePoints * connectome.voxels)
    offset += values.length
    return { subject, values }
  })
  const readSeconds = yield* readSeries(
    connectome,
    first,
    subjects.map(({ values }) => values)
  )
  yield* progress.worked({ readSeconds, readBytes: (connectome.bytesToRead * count) / connectome.subjects.length })
  return { subjects, voxels: connectome.voxels, release: slot.release }
})

/**
 * On the engine's workers, side by side, where there is an engine and the source can be read in parts.
 *
 * @returns seconds that readers were busy
 */
const readSeries = Effect.fnUntraced(function* (
  connectome: Connectome,
  first: number,
  into: ReadonlyArray<Float32Array>
) {
  const engine = yield* Effect.serviceOption(Engine)
  const parts = connectome.parts?.(first, into)
  if (Option.isNone(engine) || parts === undefined) {
    const [duration] = yield* Effect.timed(connectome.read(first, into))
    return Duration.toSeconds(duration)
  }
  const { run } = engine.value
  const done = yield* Effect.forEach(
    parts,
    (part) => {
      const subjects = part.into.map(({ byteOffset }) => byteOffset)
      return Effect.mapError(run({ kind: "read", block: part.block, subjects }), ({ cause }) => part.unreadable(cause))
    },
    { concurrency: "unbounded" }
  )
  return done.reduce((sum, { seconds }) => sum + seconds, 0)
})
