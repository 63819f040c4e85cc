/**
 * How much address space a run needs, held against the limit on it (`ulimit -v`, a batch system's h_vmem). Most of it is only
 * reserved: memory may be plenty, and the run ends in the middle all the same, without a message that names the limit.
 */
import { Effect, Schema } from "effect"
import { addressSpaceLimit } from "./addressSpaceLimit.js"
import { formatBytes } from "./Plan.ts"

const gibibyte = 2 ** 30

/**
 * What Node 24 reserves beside the run's own memory where WebAssembly memories are not guarded, as the launcher starts it under a
 * limit: 1.6 for itself, and 2 for the HDF5 library of the main thread; a worker thread takes 0.57. With these, and not with a
 * tenth less, runs of 1, 2, 4 and 8 workers have come to their ends in a checkout whose sources were not compiled yet.
 */
export const reservedBytes = 3.75 * gibibyte
export const reservedBytesPerWorker = 0.65 * gibibyte

/** The run does not fit into the address space that it may use. */
export class AddressSpaceTooSmall extends Schema.TaggedError<AddressSpaceTooSmall>()("AddressSpaceTooSmall", {
  limitBytes: Schema.Number,
  neededBytes: Schema.Number,
  workers: Schema.Int
}) {
  override get message(): string {
    const fewer = this.neededBytes - (this.workers - 1) * reservedBytesPerWorker <= this.limitBytes
    return (
      `the address space is limited to ${formatBytes(this.limitBytes)} (ulimit -v; h_vmem or pvmem of a batch job), and this run with ` +
      `${this.workers} worker(s) needs ${formatBytes(this.neededBytes)} of it, most of which is only reserved. ` +
      `Raise that limit${fewer && this.workers > 1 ? ", or lower compute.workers" : ""}; what limits memory itself may stay as it is.`
    )
  }
}

/** Fails where a run of so many workers and so many bytes of memory at its peak would not fit. */
export const checkAddressSpace = Effect.fn("checkAddressSpace")(function* (
  { workers, peakBytes }: { readonly workers: number; readonly peakBytes: number },
  limitBytes = addressSpaceLimit()
) {
  const neededBytes = reservedBytes + workers * reservedBytesPerWorker + peakBytes
  if (neededBytes > limitBytes) return yield* new AddressSpaceTooSmall({ limitBytes, neededBytes, workers })
})

/** What the limit leaves for the run's own memory, beside so many workers. */
export const addressableBytes = (workers: number, limitBytes = addressSpaceLimit()): number =>
  limitBytes - reservedBytes - workers * reservedBytesPerWorker

/** Workers that a run takes by itself under a limit: at most half of what it leaves goes to them. At least 1. */
export const addressableWorkers = (limitBytes = addressSpaceLimit()): number =>
  Math.max(1, Math.floor((limitBytes - reservedBytes) / (2 * reservedBytesPerWorker)))
