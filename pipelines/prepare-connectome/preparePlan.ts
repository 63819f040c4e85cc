/**
 * The plan of a preparation: how many workers fit into the memory, what it will hold at its peak, what it reads and writes.
 * Nothing is read or written.
 */
import path from "node:path"
import { Effect, Schema } from "effect"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import { formatBytes, predictionMargin } from "../../src/runtime/Plan.ts"

export interface PreparePlan {
  readonly workers: number
  readonly peakBytes: number
  readonly bytesPerWorker: number
  readonly memoryLimitBytes: number
  readonly bytesToRead: number
  readonly storeBytes: number
}

/** Not even one worker, or not as many as asked for, fits into the memory that may be used. */
export class NotEnoughMemoryToPrepare extends Schema.TaggedError<NotEnoughMemoryToPrepare>()(
  "NotEnoughMemoryToPrepare",
  { workers: Schema.Int, fitting: Schema.Int, neededBytes: Schema.Number, limitBytes: Schema.Number }
) {
  override get message(): string {
    const remedy =
      this.fitting > 0
        ? `Set compute.workers to ${this.fitting} or fewer (or auto), or raise compute.memory.`
        : `Raise compute.memory to at least ${Math.ceil(this.neededBytes / 2 ** 20)}MiB.`
    return (
      `compute.memory: ${this.workers} worker(s), with a subject each, need ${formatBytes(this.neededBytes)}, ` +
      `but the run may use ${formatBytes(this.limitBytes)}. ${remedy}`
    )
  }
}

/** The store does not fit onto the disk. */
export class NotEnoughDisk extends Schema.TaggedError<NotEnoughDisk>()("NotEnoughDisk", {
  path: Schema.String,
  neededBytes: Schema.Number,
  freeBytes: Schema.Number
}) {
  override get message(): string {
    return (
      `output.path: ${this.path}: the store needs ${formatBytes(this.neededBytes)} more, but the disk has ` +
      `${formatBytes(this.freeBytes)} free. Give a path on another disk, or free some.`
    )
  }
}

/**
 * What Node, the libraries and the main thread hold, and what a worker thread holds beside its stages (its heap, compiled
 * code, the streams' garbage): from the peaks of runs with one worker and with two on 12 scans of 285,000 voxels, when the
 * stages' footprints are taken off. The first run of a checkout translates the sources: 20 MB more for the process and 12 MB for a
 * worker, which the margin holds. `node bench/run.ts --only prepare` measures such a peak.
 */
export const prepareProcessBytes = 126e6
export const prepareThreadBytes = 36e6

export const makePreparePlan = Effect.fn("makePreparePlan")(function* (request: {
  /** What the stages of one worker hold. */
  readonly stageBytes: number
  readonly subjects: number
  /** Number of workers from the config; `auto`: as many as fit into the memory, at most `cores`. */
  readonly workers: number | "auto"
  readonly cores: number
  readonly memoryLimitBytes: number
  readonly bytesToRead: number
  readonly storeBytes: number
}) {
  const { memoryLimitBytes, bytesToRead, storeBytes } = request
  const bytesPerWorker = request.stageBytes + prepareThreadBytes
  const peakWith = (workers: number) => prepareProcessBytes + workers * bytesPerWorker
  const usable = (1 - predictionMargin) * memoryLimitBytes
  const fitting = Math.max(0, Math.floor((usable - prepareProcessBytes) / bytesPerWorker))
  const wanted = Math.min(request.workers === "auto" ? request.cores : request.workers, Math.max(1, request.subjects))
  const workers = request.workers === "auto" ? Math.max(1, Math.min(wanted, fitting)) : wanted
  if (workers > fitting) {
    return yield* new NotEnoughMemoryToPrepare({
      workers,
      fitting,
      neededBytes: peakWith(workers) / (1 - predictionMargin),
      limitBytes: memoryLimitBytes
    })
  }
  const plan: PreparePlan = {
    workers,
    peakBytes: peakWith(workers),
    bytesPerWorker,
    memoryLimitBytes,
    bytesToRead,
    storeBytes
  }
  return plan
})

/** Fails where the disk of the output path has less free than is still to be written. */
export const checkDisk = Effect.fn("checkDisk")(function* (store: string, neededBytes: number) {
  const freeBytes = yield* freeDiskBytes(path.dirname(store))
  if (freeBytes === undefined || freeBytes >= neededBytes) return
  return yield* new NotEnoughDisk({ path: store, neededBytes, freeBytes })
})
