/**
 * The output folder of a run, as a service. A file appears whole or not at all: it is written aside under a name of its
 * own and renamed when complete; on failure or interruption what was written aside is removed. Every file's size and
 * SHA-256 is kept for the manifest.
 */
import { createHash } from "node:crypto"
import { access, constants, open, rename, rm, stat } from "node:fs/promises"
import path from "node:path"
import { Context, Effect, Layer, Schema } from "effect"
import { makeFolder } from "../files/makeFolder.ts"

export interface WrittenFile {
  /** Relative to the output folder, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A file could not be written during the run. */
export class OutputNotWritten extends Schema.TaggedError<OutputNotWritten>()("OutputNotWritten", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file} could not be written: ${reasonOf(this.cause)}. Nothing is left half-written; run again when mended.`
  }
}

/** The output folder cannot be made or written to. Found before anything is computed. */
export class OutputNotWritable extends Schema.TaggedError<OutputNotWritable>()("OutputNotWritable", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `output.path: ${this.folder}: ${this.problem}. Give a folder that you may write to.`
  }
}

export class OutputFolder extends Context.Service<
  OutputFolder,
  {
    readonly path: string
    /** Writes a file whole, making its folders. */
    readonly write: (relativePath: string, content: Uint8Array | string) => Effect.Effect<void, OutputNotWritten>
    /** Removes a file if it is there. */
    readonly remove: (relativePath: string) => Effect.Effect<void, OutputNotWritten>
    /** The files written so far, sorted by path. */
    readonly written: Effect.Effect<ReadonlyArray<WrittenFile>>
  }
>()("lesion-network-mapping/runtime/OutputFolder") {
  /** A folder on disk, made where it is missing. */
  static readonly layer = (folder: string): Layer.Layer<OutputFolder, OutputNotWritable> =>
    Layer.effect(
      OutputFolder,
      Effect.gen(function* () {
        yield* Effect.tryPromise({
          try: () => makeFolder(folder).then(() => access(folder, constants.W_OK)),
          catch: (cause) => new OutputNotWritable({ folder, problem: reasonOf(cause) })
        })
        return makeOutputFolder(folder, (file, content) =>
          Effect.scoped(writeAside(file, content)).pipe(
            Effect.mapError((cause) => new OutputNotWritten({ file, cause }))
          )
        )
      })
    )

  /** Keeps the files in a Map instead, for tests. */
  static readonly layerMemory = (files: Map<string, Uint8Array>): Layer.Layer<OutputFolder> =>
    Layer.sync(OutputFolder, () =>
      makeOutputFolder("", (file, content) =>
        Effect.sync(() => {
          files.set(file, typeof content === "string" ? Buffer.from(content) : content)
        })
      )
    )
}

/** Writes several files, in the order of their names in the record. */
export const writeAll = (files: Readonly<Record<string, Uint8Array | string>>) =>
  Effect.flatMap(OutputFolder, (output) =>
    Effect.forEach(Object.entries(files), ([name, content]) => output.write(name, content), { discard: true })
  )

/** Whether a folder could be made and written to, without making it. */
export const checkOutputFolder = Effect.fn("checkOutputFolder")(function* (folder: string) {
  const problem = (cause: unknown) => new OutputNotWritable({ folder, problem: reasonOf(cause) })
  let existing = path.resolve(folder)
  while (path.dirname(existing) !== existing) {
    const found = yield* Effect.promise(() => stat(existing).catch((cause: NodeJS.ErrnoException) => cause.code))
    if (typeof found === "object") {
      if (!found.isDirectory()) {
        return yield* new OutputNotWritable({ folder, problem: `${existing} is a file, not a folder` })
      }
      break
    }
    existing = path.dirname(existing)
  }
  yield* Effect.tryPromise({ try: () => access(existing, constants.W_OK), catch: problem })
})

const makeOutputFolder = (
  folder: string,
  write: (file: string, content: Uint8Array | string) => Effect.Effect<void, OutputNotWritten>
) => {
  const files = new Map<string, WrittenFile>()
  return OutputFolder.of({
    path: folder,
    write: Effect.fn("OutputFolder.write")(function* (relativePath, content) {
      yield* write(path.join(folder, relativePath), content)
      const sha256 = createHash("sha256").update(content).digest("hex")
      files.set(relativePath, { path: relativePath, bytes: Buffer.byteLength(content), sha256 })
    }),
    remove: Effect.fn("OutputFolder.remove")(function* (relativePath) {
      const file = path.join(folder, relativePath)
      yield* Effect.tryPromise({
        try: () => rm(file, { force: true }),
        catch: (cause) => new OutputNotWritten({ file, cause })
      })
    }),
    written: Effect.sync(() => [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)))
  })
}

/** Writes to a temporary file beside the target, flushes it to disk, and renames it; removes it where that fails. */
const writeAside = (file: string, content: Uint8Array | string): Effect.Effect<void, unknown> => {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.partial-${process.pid}`)
  const attempt = (step: () => Promise<unknown>) => Effect.tryPromise({ try: step, catch: (cause) => cause })
  const write = async () => {
    await using handle = await open(aside, "w")
    await handle.writeFile(content)
    await handle.datasync()
  }
  return attempt(() => makeFolder(path.dirname(file))).pipe(
    // A write that has begun is waited for, so that nothing writes to the file after it was removed.
    Effect.andThen(Effect.uninterruptible(attempt(write))),
    Effect.andThen(Effect.uninterruptible(attempt(() => rename(aside, file)))),
    Effect.onError(() => Effect.promise(() => rm(aside, { force: true }).catch(() => undefined))),
    Effect.asVoid
  )
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  // What mkdir says of a file where a folder should be.
  EEXIST: "a part of the path is a file, not a folder",
  EISDIR: "a folder of that name is in its place"
}

/** What the system says of a file that cannot be written, in plain words. */
export const reasonOf = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  return (code === undefined ? undefined : reasons[code]) ?? message
}
