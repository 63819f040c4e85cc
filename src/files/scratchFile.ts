/**
 * A file for what memory does not hold, for as long as a Scope is open. It loses its name as soon as it is open, so that the system frees
 * its room whatever ends the process.
 */
import { close, fdatasync, open, unlink } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { Effect, Schema, type Scope } from "effect"
import { asideOfProcess } from "./partialFiles.ts"
import { reasonOf } from "./reasonOf.ts"

/** A scratch file cannot be made or written. */
export class ScratchNotWritten extends Schema.TaggedError<ScratchNotWritten>()("ScratchNotWritten", {
  folder: Schema.String,
  /** How large it was to become. */
  bytes: Schema.Number,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return (
      `the scratch file of ${(this.bytes / 1e9).toPrecision(2)} GB in ${this.folder} could not be written: ${reasonOf(this.cause)}. ` +
      "Make room there, give an output.path on another disk, or raise compute.memory, so that none is needed."
    )
  }
}

/** What threads read and write it by: a number that all threads of the process share. */
export type FileDescriptor = number

/** The folder of a scratch file, and how large it is to become. */
export interface ScratchPlace {
  readonly folder: string
  readonly bytes: number
}

/** Opens a scratch file in a folder that is there. Errors: `ScratchNotWritten`. */
export const scratchFile = ({
  folder,
  bytes
}: ScratchPlace): Effect.Effect<FileDescriptor, ScratchNotWritten, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async (): Promise<FileDescriptor> => {
        const file = asideOfProcess(path.join(folder, "scratch"))
        const descriptor = await promisify(open)(file, "w+", 0o600)
        await promisify(unlink)(file)
        return descriptor
      },
      catch: (cause) => new ScratchNotWritten({ folder, bytes, cause })
    }),
    (descriptor) => Effect.ignore(Effect.tryPromise(() => promisify(close)(descriptor)))
  )

/** Waits until all that was written is on the disk: a network disk may say only then that there is no room. Errors: `ScratchNotWritten`. */
export const flushScratchFile = (descriptor: FileDescriptor, place: ScratchPlace) =>
  Effect.tryPromise({
    try: () => promisify(fdatasync)(descriptor),
    catch: (cause) => new ScratchNotWritten({ ...place, cause })
  })
