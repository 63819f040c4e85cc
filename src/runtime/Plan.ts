/**
 * The plan of a run: how many lesions go into a pass, how many passes that makes, and the memory that the run will
 * hold at its peak, added up from the stages' footprints before anything is computed.
 */
import { ByteSize, Effect, Schema } from "effect"
import type { BackendService } from "./Backend.ts"
import { fittingLesions, fittingShape, fittingSubjects, type ShapeRequest, shapesToTry } from "./fittingShape.ts"
import * as Pipeline from "./Pipeline.ts"
import type { ProblemShape } from "./ProblemShape.ts"
import type { AnyStage } from "./Stage.ts"

/** The plan of a run. All sizes are in bytes. */
export interface Plan {
  /** Shape of the largest pass. */
  readonly shape: ProblemShape
  /** Lesions of all passes together. */
  readonly lesions: number
  readonly passes: number
  /** Workers of the backend; 0: all is done on the main thread. */
  readonly workers: number
  /** What each step will hold, and the process itself, in bytes; where several pipelines run, of the one that holds the most. */
  readonly footprint: ReadonlyArray<{ readonly stage: string; readonly bytes: number }>
  readonly peakBytes: number
  /** Bytes that the run may use. */
  readonly memoryLimitBytes: number
  /** Bytes that all passes together read from the connectome. */
  readonly bytesToRead: number
}

/** What a plan is made from. */
export interface PlanRequest {
  /** The pipelines that run one after the other for a batch of lesions; each must fit. */
  readonly pipelines: ReadonlyArray<{ readonly stages: ReadonlyArray<AnyStage> }>
  /** The shape with all lesions in one pass and as many subjects a chunk as the source would like. */
  readonly shape: ProblemShape
  readonly backend: BackendService
  readonly batchSize: "auto" | number
  readonly subjectsPerChunk: "auto" | number
  readonly memoryLimitBytes: number
  /** Bytes that one pass reads. */
  readonly bytesPerPass: number
}

/** The run does not fit into the memory that it may use. */
export class NotEnoughMemory extends Schema.TaggedError<NotEnoughMemory>()("NotEnoughMemory", {
  neededBytes: Schema.Number,
  limitBytes: Schema.Number,
  lesions: Schema.Int,
  /** Lesions a pass that would fit; 0 where none does. */
  fittingLesions: Schema.Int,
  subjectsPerChunk: Schema.Int,
  /** Subjects a chunk that would fit, where the config has more; 0 where that would not help. */
  fittingSubjects: Schema.Int
}) {
  override get message(): string {
    const chunks = this.fittingSubjects > 0 ? ` with compute.subjects_per_chunk: ${this.subjectsPerChunk}` : ""
    return (
      `compute.memory: ${this.lesions} lesion(s) a pass${chunks} need ${formatBytes(this.neededBytes)}, ` +
      `but the run may use ${formatBytes(this.limitBytes)}. ${this.#remedy}`
    )
  }

  get #remedy(): string {
    const { fittingSubjects, fittingLesions } = this
    if (fittingSubjects > 0) {
      return `Set compute.subjects_per_chunk to ${fittingSubjects} or fewer (or auto), or raise compute.memory.`
    }
    return fittingLesions > 0
      ? `Set lesions.batch_size to ${fittingLesions} or fewer (or auto), or raise compute.memory.`
      : `Raise compute.memory to at least ${Math.ceil(this.neededBytes / 2 ** 20)}MiB.`
  }
}

/**
 * What Node, this package and their code hold on the main thread: the peak of a run of one lesion and one worker on a store, less
 * what its stages and the worker hold (122 MB), and room for the garbage collector, which moves peaks by some 5 %. The first run of a
 * checkout, which translates the sources, takes 40 to 60 MB more. `bench/planShapes.ts` measures it.
 */
export const processBytes = 142e6

/**
 * What each lesion adds to the heap, up to so many lesions: masks that are read, names, rows of the summary, what the manifest will say of
 * its files, and garbage. Most of that is V8's room for garbage, which stops growing: 24, 48 and 96 small lesions took up to 13, 23 and 34 MB
 * more than one, 1,000, 2,000 and 4,000 about 100 MB, and with five maps 4,000 about 120 MB.
 */
const heapGrowth = [
  { upTo: 96, bytesPerLesion: 0.2e6 },
  { upTo: 600, bytesPerLesion: 0.13e6 },
  { upTo: Number.POSITIVE_INFINITY, bytesPerLesion: 8e3 }
]

/** What the process itself holds with so many lesions in all, whatever a pass takes. */
export const processBytesWith = (lesions: number): number =>
  heapGrowth.reduce((sum, { upTo, bytesPerLesion }, step) => {
    const before = heapGrowth[step - 1]?.upTo ?? 0
    return sum + Math.max(0, Math.min(lesions, upTo) - before) * bytesPerLesion
  }, processBytes)

/** Share of the limit that a plan leaves free for errors of the prediction: the peak of 1,000 lesions was 6 % higher than predicted. */
export const predictionMargin = 0.08

/** Share of the free memory that a run takes where the user sets no limit. */
export const defaultMemoryShare = 0.6

/**
 * Makes the plan of a run: the largest passes that fit, cut into equal parts.
 *
 * Errors: `NotEnoughMemory` where no pass fits into the limit; `EngineExceeded` where none fits into the backend's
 * address range.
 */
export const makePlan = Effect.fn("makePlan")(function* (request: PlanRequest) {
  const { batchSize, memoryLimitBytes } = request
  const shapes = shapesOf(request)
  const all = shapes.shape.lesions
  const least = Math.min(batchSize === "auto" ? 1 : batchSize, all)
  const shape = fittingShape(shapes, least)
  if (shape === undefined) return yield* refusalOf(shapes, least)
  const wanted = batchSize === "auto" ? fittingLesions(shapes, shape) : least
  const passes = Math.ceil(all / wanted)
  const largest = { ...shape, lesions: Math.ceil(all / passes) }
  const footprint = footprintOf(request, largest)
  const plan: Plan = {
    shape: largest,
    lesions: all,
    passes,
    workers: request.backend.workers,
    footprint,
    peakBytes: totalOf(footprint),
    memoryLimitBytes,
    bytesToRead: passes * request.bytesPerPass
  }
  return plan
})

/** Cuts the lesions into the plan's passes: equal ones, that differ by one lesion at most. */
export const cutIntoPasses = <A>(plan: Plan, lesions: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> => {
  const small = Math.floor(lesions.length / plan.passes)
  const large = lesions.length % plan.passes
  return Array.from({ length: plan.passes }, (_, pass) => {
    const first = pass * small + Math.min(pass, large)
    return lesions.slice(first, first + small + (pass < large ? 1 : 0))
  })
}

export const formatBytes = (bytes: number): string => ByteSize.format(ByteSize.bytes(Math.ceil(bytes)))

/** The footprint of the pipeline that holds the most. */
const footprintOf = ({ pipelines, backend, shape: whole }: PlanRequest, shape: ProblemShape): Plan["footprint"] => {
  const process = { stage: "process", bytes: processBytesWith(whole.lesions) }
  return pipelines
    .map((pipeline) => [process, ...Pipeline.footprint(pipeline, shape, backend)])
    .reduce((largest, footprint) => (totalOf(footprint) > totalOf(largest) ? footprint : largest))
}

const totalOf = (footprint: Plan["footprint"]): number => footprint.reduce((sum, { bytes }) => sum + bytes, 0)

/** The shape as the pipeline has it: only where the engine reads a store itself do subjects lie in memory as they are stored. */
const shapesOf = (request: PlanRequest): ShapeRequest => {
  const { pipelines, shape, backend } = request
  const readsStored = pipelines.some((pipeline) => Pipeline.readsStored(pipeline, backend))
  return {
    ...request,
    shape: readsStored ? shape : { ...shape, storedBytesPerSubject: undefined },
    neededBytes: (pass) => totalOf(footprintOf(request, pass)) / (1 - predictionMargin)
  }
}

/** The error where so many lesions a pass fit in no shape; it names what would fit. */
const refusalOf = (request: ShapeRequest, lesions: number) => {
  const tried = shapesToTry(request)
  const smallest = { ...tried.at(-1)!, lesions }
  const fitting = {
    subjects: fittingSubjects(request, lesions),
    lesions: tried.reduce((most, shape) => Math.max(most, fittingLesions(request, shape)), 0)
  }
  if (!request.backend.fits(smallest)) return request.backend.exceeded(smallest, fitting)
  return new NotEnoughMemory({
    neededBytes: request.neededBytes(smallest),
    limitBytes: request.memoryLimitBytes,
    lesions,
    fittingLesions: fitting.lesions,
    subjectsPerChunk: smallest.subjectsPerChunk,
    fittingSubjects: fitting.subjects
  })
}
