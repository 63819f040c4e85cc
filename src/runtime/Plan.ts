/**
 * The plan of a run: how many lesions go into a pass, how many passes that makes, and the memory that the run will
 * hold at its peak, added up from the stages' footprints before anything is computed.
 */

import { freemem } from "node:os"
import { availableMemory, constrainedMemory } from "node:process"
import { ByteSize, Effect, Schema } from "effect"
import type { BackendService } from "./Backend.ts"
import * as Pipeline from "./Pipeline.ts"
import { chunkSlotBytes, type ProblemShape } from "./ProblemShape.ts"
import type { AnyStage } from "./Stage.ts"

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
  /** What the run may use. */
  readonly memoryLimitBytes: number
  /** Bytes that all passes together read from the connectome. */
  readonly bytesToRead: number
}

export interface PlanRequest {
  /** What runs one after the other in a pass, each of which must fit. */
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
  /** What bounds the backend, in words. */
  bound: Schema.String
}) {
  override get message(): string {
    if (this.neededBytes <= this.limitBytes) {
      return (
        `lesions.batch_size: ${this.lesions} lesion(s) a pass exceed ${this.bound}. ` +
        `Set it to ${this.fittingLesions} or fewer, or to auto.`
      )
    }
    const remedy =
      this.fittingLesions > 0
        ? `Set lesions.batch_size to ${this.fittingLesions} or fewer (or auto), or raise compute.memory.`
        : `Raise compute.memory to at least ${Math.ceil(this.neededBytes / 2 ** 20)}MiB.`
    return (
      `compute.memory: ${this.lesions} lesion(s) a pass need ${formatBytes(this.neededBytes)}, ` +
      `but the run may use ${formatBytes(this.limitBytes)}. ${remedy}`
    )
  }
}

/**
 * What Node, the libraries and their code hold: what is left of the peak of `lnm run` when the stages' footprints are taken
 * off, for 1, 12 and 96 lesions on 60 subjects of 50,000 voxels. In between the first run of a checkout, which translates the
 * sources and hashes the connectome, and later ones, which are 40 MB lower.
 */
export const processBytes = 195e6

/** Share of the limit that the prediction stays away from it: the peak of 1,000 lesions was 6 % above what was predicted. */
export const predictionMargin = 0.08

/** Part of the memory limit that the chunk slots may take when the source would like several subjects at a time. */
const shareForChunks = 0.25

/** Share of the free memory that a run takes where the user sets no limit. */
export const defaultMemoryShare = 0.6

/** Bytes that this machine, or the control group that the process runs in, has free. */
export const freeMemoryBytes = Effect.sync(() => {
  const constrained = constrainedMemory()
  const free = availableMemory() || freemem()
  return constrained > 0 ? Math.min(constrained, free) : free
})

export const makePlan = Effect.fn("makePlan")(function* (request: PlanRequest) {
  const { batchSize, memoryLimitBytes } = request
  const usableBytes = (1 - predictionMargin) * memoryLimitBytes
  const shape = withFittingChunks(request)
  const all = shape.lesions
  const peakWith = (lesions: number) => totalOf(footprintOf(request, { ...shape, lesions }))
  const fitting = largestThat(
    all,
    (lesions) => peakWith(lesions) <= usableBytes && request.backend.fits({ ...shape, lesions })
  )
  const wanted = batchSize === "auto" ? Math.max(1, fitting) : Math.min(batchSize, all)
  if (wanted > fitting) {
    return yield* new NotEnoughMemory({
      neededBytes: peakWith(wanted) / (1 - predictionMargin),
      limitBytes: memoryLimitBytes,
      lesions: wanted,
      fittingLesions: fitting,
      bound: request.backend.bound
    })
  }
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

/** Of the pipeline that holds the most. */
const footprintOf = ({ pipelines, backend }: PlanRequest, shape: ProblemShape): Plan["footprint"] =>
  pipelines
    .map((pipeline) => [{ stage: "process", bytes: processBytes }, ...Pipeline.footprint(pipeline, shape, backend)])
    .reduce((largest, footprint) => (totalOf(footprint) > totalOf(largest) ? footprint : largest))

const totalOf = (footprint: Plan["footprint"]): number => footprint.reduce((sum, { bytes }) => sum + bytes, 0)

/** As many subjects a chunk as asked for; if that was left open, no more than leave the greater part to the lesions. */
const withFittingChunks = ({ shape, subjectsPerChunk, memoryLimitBytes }: PlanRequest): ProblemShape => {
  if (subjectsPerChunk !== "auto") {
    return { ...shape, subjectsPerChunk: Math.min(subjectsPerChunk, shape.subjects) }
  }
  const slotsFit = (count: number) =>
    shape.chunkSlots * chunkSlotBytes({ ...shape, subjectsPerChunk: count }) <= shareForChunks * memoryLimitBytes
  return { ...shape, subjectsPerChunk: Math.max(1, largestThat(shape.subjectsPerChunk, slotsFit)) }
}

/** Largest number up to `most` that holds, for a condition that stops holding once; 0 where not even 1 does. */
const largestThat = (most: number, holds: (count: number) => boolean): number => {
  let low = 0
  let high = most
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}
