/**
 * Memory for the images that are read before a run is planned: lesions, brain mask and atlases. Each is held against the run's limit
 * before it is inflated, and those that are read side by side keep below it together. A `.nii.gz` of 4 MB can hold a gigabyte.
 */
import { ByteSize, Context, Effect, Schema, Semaphore } from "effect"
import type { NiftiHeader } from "./nifti/NiftiHeader.ts"

/** Reading an image would take more memory than the run may use. */
export class ImageTooLarge extends Schema.TaggedError<ImageTooLarge>()("ImageTooLarge", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}`
  }
}

const tooLarge = ({ file, grid }: ImageSize, neededBytes: number, limitBytes: number): ImageTooLarge => {
  const [needed, program, limit] = [neededBytes, programBytes, limitBytes].map(format)
  return new ImageTooLarge({
    file,
    problem:
      `to read its ${grid.shape.join(" × ")} voxels takes ${needed}, beside ${program} for the program, ` +
      `but the run may use ${limit}`,
    remedy: "Raise compute.memory, or crop or resample the image"
  })
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

/** What of a header names an image and its size. */
export type ImageSize = Pick<NiftiHeader, "file" | "grid">

/** Memory that the reading of images takes its share of. */
export interface LoadingMemoryService {
  /** Does something that takes so many bytes, once they are free; fails where they never are. */
  readonly reserve: (
    image: ImageSize,
    bytes: number
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ImageTooLarge, R>
}

/** @param limitBytes what the run may use */
export const makeLoadingMemory = (limitBytes: number): LoadingMemoryService => {
  const allowed = Math.max(leastShare * limitBytes, limitBytes - programBytes)
  const units = Math.max(1, Math.floor(Math.min(allowed, mostTogetherBytes) / unitBytes))
  const semaphore = Semaphore.makeUnsafe(units)
  return {
    reserve: (image, bytes) => (self) =>
      bytes > allowed
        ? Effect.fail(tooLarge(image, bytes, limitBytes))
        : semaphore.withPermits(Math.min(units, Math.ceil(bytes / unitBytes)))(self)
  }
}

/** The memory of the running program for images. Default: any amount. */
export const LoadingMemory = Context.Reference<LoadingMemoryService>("lesion-network-mapping/imaging/LoadingMemory", {
  defaultValue: () => makeLoadingMemory(Number.POSITIVE_INFINITY)
})

/** Does something that takes so many bytes beside an image's header, as `LoadingMemory` allows. Errors: `ImageTooLarge`. */
export const inLoadingMemory =
  (image: ImageSize, bytes: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | ImageTooLarge, R> =>
    Effect.flatMap(LoadingMemory, ({ reserve }) => reserve(image, bytes)(self))
