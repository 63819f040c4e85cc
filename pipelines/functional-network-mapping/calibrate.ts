/**
 * `lnm plan --calibrate`: measures how fast a run would be, on its own inputs. Some subjects of the connectome are read, from all over it,
 * and correlated with the lesions of a pass on the engine as it is planned; then maps of a few lesions are made of these sums. Nothing is
 * written: for writing the maps a slow disk is assumed.
 */
import { Clock, Effect, Layer, Stream } from "effect"
import type { SubjectRange } from "../../src/elements/Chunk.ts"
import type { ConnectivitySums } from "../../src/elements/ConnectivitySums.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { assumedBytesPerSecond } from "../../src/output/checkpointTiming.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { cutIntoPasses, type Plan } from "../../src/runtime/Plan.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { addWork, noWork } from "../../src/runtime/progressState.ts"
import { connectivitySums, lesionVoxelCorrelations } from "../functional-network-mapping.ts"
import { mapsFromSums } from "../mapsFromSums.ts"
import { lesionsLeft } from "./plannedFolder.ts"
import type { PlannedStudy } from "./planStudy.ts"
import type { Study } from "./Study.ts"
import type { MeasuredSpeed, PassSize } from "./timeEstimate.ts"

/** Seconds in which passes are measured, and chunks of subjects that are read at least. */
const measuredSeconds = 1.5
const leastChunks = 4

/** Lesions for each worker whose maps are made. */
const lesionsPerWorker = 8

/** Seconds in which a run looks at its inputs again and writes its tables. */
const endSeconds = 0.3

/**
 * Measures a study's speed.
 *
 * Errors: those of a pass, for instance where a subject cannot be read.
 */
export const calibrate = Effect.fn("calibrate")(function* (
  { study, plan, folder, chosen }: PlannedStudy,
  size: PassSize
) {
  const left = folder === undefined ? study.lesions : lesionsLeft(study, folder)
  const batch: Study = { ...study, lesions: cutIntoPasses(plan, left)[0] ?? [], allSeeds: left }
  const startedAt = yield* nowSeconds
  const measured = Effect.gen(function* () {
    const refining =
      study.pini === undefined
        ? undefined
        : yield* measurePass(plan, (ranges) => Pipeline.stream(lesionVoxelCorrelations(batch), ranges))
    const mapping = yield* measurePass(plan, (ranges) =>
      Pipeline.stream(connectivitySums(batch, { warns: false }), ranges)
    )
    const first = refining ?? mapping
    const startSeconds = Math.max(0, first.firstAt - startedAt - plan.shape.subjectsPerChunk * first.secondsPerSubject)
    const secondsPerLesion = yield* measureMaps(batch, mapping.result, size.workers)
    const speed: MeasuredSpeed = {
      size,
      secondsPerSubject: mapping.secondsPerSubject,
      readingShare: mapping.readingShare,
      refiningSecondsPerSubject: refining?.secondsPerSubject ?? 0,
      secondsPerLesion: secondsPerLesion + size.imageBytesPerLesion / assumedBytesPerSecond,
      otherSeconds: startSeconds + endSeconds
    }
    return { speed, subjects: mapping.subjects }
  })
  return yield* Effect.provide(measured, chosen.layer(plan.shape))
})

/** Reads subjects until the time is over, and gives how long each took once all was at work. */
const measurePass = Effect.fnUntraced(function* <A, E, R>(
  { shape }: Plan,
  pass: (ranges: Stream.Stream<SubjectRange>) => Stream.Stream<A, E, R>
) {
  const times: Array<number> = []
  let work = noWork
  const progress = Progress.of({
    ...(yield* Progress),
    subjectDone: Effect.map(nowSeconds, (now) => void times.push(now)),
    worked: (more) =>
      Effect.sync(() => {
        work = addWork(work, more)
      })
  })
  const startedAt = yield* nowSeconds
  let chunks = 0
  const goesOn = Effect.map(nowSeconds, (now) => chunks++ < leastChunks || now - startedAt < measuredSeconds)
  const ranges = Stream.fromIterable(spreadRanges(shape.subjects, shape.subjectsPerChunk), { chunkSize: 1 })
  const [result] = yield* Stream.runCollect(pass(Stream.takeWhileEffect(ranges, () => goesOn))).pipe(
    Effect.provideService(Progress, progress)
  )
  if (result === undefined) return yield* Effect.die(new Error("the pass gave nothing"))
  const { readSeconds, computeSeconds } = work
  return {
    result,
    subjects: times.length,
    firstAt: times[0] ?? startedAt,
    secondsPerSubject: steadySeconds(startedAt, times, shape.subjectsPerChunk),
    readingShare: readSeconds + computeSeconds > 0 ? readSeconds / (readSeconds + computeSeconds) : 0
  }
}, Effect.provide(Progress.layerOff))

/** Ranges of a chunk each, every one once, of which the first few lie far apart: files of one folder may differ, and lie in the page cache or not. */
export const spreadRanges = (subjects: number, subjectsPerChunk: number): ReadonlyArray<SubjectRange> => {
  const chunks = Math.ceil(subjects / subjectsPerChunk)
  // Steps of the golden section; they reach every chunk, as the step and the number of chunks have no common divisor.
  let step = Math.max(1, Math.round(chunks * 0.618))
  while (commonDivisor(step, chunks) !== 1) step++
  return Array.from({ length: chunks }, (_, position) => {
    const first = ((position * step) % chunks) * subjectsPerChunk
    return { first, count: Math.min(subjectsPerChunk, subjects - first) }
  })
}

const commonDivisor = (one: number, other: number): number => (other === 0 ? one : commonDivisor(other, one % other))

/**
 * Seconds from one to the next while all is at work: without the first ones, during which threads start and code is compiled, and
 * without the last, beside which nothing else is done any more. Where there are too few, all count.
 *
 * @param times when each was finished, ascending
 * @param together how many are finished together
 */
export const steadySeconds = (startedAt: number, times: ReadonlyArray<number>, together: number): number => {
  const count = times.length
  if (count === 0) return 0
  const first = Math.max(together, Math.floor(count / 3 / together) * together)
  const last = count - together
  if (last - first < together) return (times[count - 1]! - startedAt) / count
  return (times[last - 1]! - times[first - 1]!) / (last - first)
}

/** How long the maps of a lesion take, all workers together. */
const measureMaps = Effect.fnUntraced(function* (batch: Study, sums: ConnectivitySums, workers: number) {
  const lesions: ReadonlyArray<Lesion> = batch.lesions.slice(0, lesionsPerWorker * workers)
  if (lesions.length === 0) return 0
  const times: Array<number> = []
  const progress = Progress.of({
    ...(yield* Progress),
    lesionDone: Effect.map(nowSeconds, (now) => void times.push(now))
  })
  const startedAt = yield* nowSeconds
  const few = { ...sums, lesions: lesions.length }
  yield* Stream.runDrain(Pipeline.stream(mapsFromSums({ ...batch, lesions }), Stream.make(few))).pipe(
    Effect.provide(Layer.merge(nowhere, Layer.succeed(Progress, progress)))
  )
  return steadySeconds(startedAt, times, workers)
}, Effect.provide(Progress.layerOff))

/** An output folder that forgets what is written to it. */
const nowhere = Layer.effect(
  OutputFolder,
  Effect.map(OutputFolder, (memory) => OutputFolder.of({ ...memory, write: () => Effect.void }))
).pipe(Layer.provide(OutputFolder.layerMemory(new Map())))

const nowSeconds = Effect.map(Clock.currentTimeMillis, (milliseconds) => milliseconds / 1000)
