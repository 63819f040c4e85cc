/**
 * Memory for the files that are read before a run is planned: each is held against the run's limit before it is inflated, and those
 * that are read side by side keep below it together. A `.nii.gz` of 4 MB can hold a gigabyte.
 */
import { ByteSize, Effect, Schema, Semaphore } from "effect"

/** Reading a lesion file would take more memory than the run may use. */
export class LesionTooLarge extends Schema.TaggedError<LesionTooLarge>()("LesionTooLarge", {
  file: Schema.String,
  /** Numbers of voxels along each axis. */
  shape: Schema.Array(Schema.Int),
  neededBytes: Schema.Number,
  limitBytes: Schema.Number
}) {
  override get message(): string {
    const [needed, program, limit] = [this.neededBytes, programBytes, this.limitBytes].map(format)
    return (
      `${this.file}: to read its ${this.shape.join(" × ")} voxels takes ${needed}, beside ${program} for the program, ` +
      `but the run may use ${limit}. Raise compute.memory, or crop or resample the lesion`
    )
  }
}

const format = (bytes: number): string => ByteSize.format(ByteSize.bytes(Math.ceil(bytes)))

/** What the process holds while inputs are read, before workers start: the peak of `lnm plan` with lesions of 2 mm. */
const programBytes = 155e6

/**
 * Share of the limit that files may take however low it is: with less than `programBytes` no run is possible, and the plan says
 * so with what it needs.
 */
const leastShare = 0.25

/** What files that are read side by side take together, however high the limit: a larger file is read alone. */
const mostTogetherBytes = 128 * 2 ** 20

/** Memory is handed out in these units. */
const unitBytes = 2 ** 20

/** Memory that the reading of files takes its share of. */
export interface LoadingMemory {
  /** Does something that takes so many bytes, once they are free; fails where they never are. */
  readonly reserve: (
    file: string,
    shape: ReadonlyArray<number>,
    bytes: number
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LesionTooLarge, R>
}

/** @param limitBytes what the run may use */
export const makeLoadingMemory = (limitBytes: number): LoadingMemory => {
  const allowed = Math.max(leastShare * limitBytes, limitBytes - programBytes)
  const units = Math.max(1, Math.floor(Math.min(allowed, mostTogetherBytes) / unitBytes))
  const semaphore = Semaphore.makeUnsafe(units)
  return {
    reserve: (file, shape, bytes) => (self) =>
      bytes > allowed
        ? Effect.fail(new LesionTooLarge({ file, shape, neededBytes: bytes, limitBytes }))
        : semaphore.withPermits(Math.min(units, Math.ceil(bytes / unitBytes)))(self)
  }
}
