/**
 * The output folder of a run, as a service. A file appears whole or not at all, and only in this folder (`files/writeWhole.ts`
 * and `files/writeInFolder.ts` say how). Every file's size and SHA-256 is kept for the manifest. The folder is made when the run begins, and not again.
 */
import { access, constants } from "node:fs/promises"
import path from "node:path"
import { Context, Effect, Layer, Schema } from "effect"
import type { Content } from "../files/Content.ts"
import { makeFolder } from "../files/makeFolder.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { flushFolders, openFolder, type Written } from "../files/writeInFolder.ts"
import { type LesionFailures, type LesionsNotWritten, makeLesionFailures } from "./lesionFailures.ts"
import { lockOutput } from "./lockOutput.ts"
import { OutputNotWritten } from "./OutputNotWritten.ts"
import { inMemory, type OutputPlace, onDisk } from "./outputPlace.ts"
import { OutputBusy, type OutputUnreadable } from "./refusedMaps.ts"
import { isInRunFolder } from "./runFolder.ts"

export interface WrittenFile extends Written {
  /** Relative to the output folder, with `/`. */
  readonly path: string
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

/** Files that a message names; more are counted. */
const mostNamed = 8

/** Files of the run were removed or changed while it was running. */
export class OutputLost extends Schema.TaggedError<OutputLost>()("OutputLost", {
  folder: Schema.String,
  files: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const rest = this.files.length - mostNamed
    const named = `${this.files.slice(0, mostNamed).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`
    return (
      `${this.folder}: ${this.files.length} file(s) that this run wrote are gone or no longer whole: ${named}. ` +
      "The folder was removed or changed during the run, so it has no manifest; run again, and leave it alone meanwhile."
    )
  }
}

/** The output folder of the running program. */
export class OutputFolder extends Context.Service<
  OutputFolder,
  {
    readonly path: string
    /**
     * Writes a file whole, making its folders. A path that leaves the folder is refused. The content's hash may be given where it is
     * known; it goes to the manifest as it is.
     */
    readonly write: (relativePath: string, content: Content, sha256?: string) => Effect.Effect<void, OutputNotWritten>
    /** The text of a file; undefined where there is none. */
    readonly read: (relativePath: string) => Effect.Effect<string | undefined, OutputUnreadable>
    /** Adds text to a file that is there. What was written before is on the disk for good when the text is. */
    readonly append: (relativePath: string, text: string) => Effect.Effect<void, OutputNotWritten>
    /** Removes a file if it is there, and the folders above it that are empty then. */
    readonly remove: (relativePath: string) => Effect.Effect<void, OutputNotWritten>
    /** Removes what killed runs have left unfinished in these folders, `.` is the output folder itself, and those that are empty then. */
    readonly removeUnfinished: (folders: ReadonlyArray<string>) => Effect.Effect<void, OutputNotWritten>
    /** What was written so far to these paths. */
    readonly writtenTo: (relativePaths: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<WrittenFile>>
    /** Writes files of a lesion, so that one whose files cannot be written does not take the others with it. */
    readonly attempt: LesionFailures["attempt"]
    /** Fails where the files of some lesion could not be written. */
    readonly checkLesions: LesionFailures["check"]
    /**
     * The files written so far, sorted by path, flushed to the disk; fails where they are not there any more, or some lesion's could not
     * be written. What a run keeps for itself is not among them.
     */
    readonly written: Effect.Effect<ReadonlyArray<WrittenFile>, OutputLost | OutputNotWritten | LesionsNotWritten>
  }
>()("lesion-network-mapping/runtime/OutputFolder") {
  /** A folder on disk, made where it is missing, and locked. */
  static readonly layer = (folder: string): Layer.Layer<OutputFolder, OutputNotWritable | OutputBusy> =>
    Layer.effect(
      OutputFolder,
      Effect.gen(function* () {
        const notWritable = (cause: unknown) => new OutputNotWritable({ folder, problem: reasonOf(cause) })
        const opened = yield* Effect.tryPromise({
          try: () =>
            makeFolder(folder)
              .then(() => access(folder, constants.W_OK))
              .then(() => openFolder(folder)),
          catch: notWritable
        })
        yield* Effect.mapError(lockOutput(opened), (error) =>
          error instanceof OutputBusy ? error : notWritable(error)
        )
        // Of what was written last, the manifest.
        yield* Effect.addFinalizer(() => Effect.ignore(flushFolders(opened)))
        return makeOutputFolder(onDisk(opened))
      })
    )

  /** Keeps the files in a Map instead, for tests and other programs. Its path is empty, and no report is made there. */
  static readonly layerMemory = (files: Map<string, Uint8Array>): Layer.Layer<OutputFolder> =>
    Layer.sync(OutputFolder, () => makeOutputFolder(inMemory(files)))
}

/** Writes several files, in the order of their names in the record. */
export const writeAll = (files: Readonly<Record<string, Content>>) =>
  Effect.flatMap(OutputFolder, (output) =>
    Effect.forEach(Object.entries(files), ([name, content]) => output.write(name, content), { discard: true })
  )

/** Files that are looked at side by side. */
const filesAtOnce = 16

const makeOutputFolder = (place: OutputPlace) => {
  const files = new Map<string, WrittenFile>()
  const failed = (relativePath: string) => (cause: unknown) =>
    new OutputNotWritten({ file: path.join(place.path, relativePath), cause })
  const failures = makeLesionFailures(place.isThere)
  return OutputFolder.of({
    path: place.path,
    write: Effect.fn("OutputFolder.write")(function* (relativePath, content, sha256) {
      const written = yield* Effect.mapError(place.write(relativePath, content, sha256), failed(relativePath))
      files.set(relativePath, { path: relativePath, ...written })
    }),
    read: place.read,
    append: (relativePath, text) => Effect.mapError(place.append(relativePath, text), failed(relativePath)),
    removeUnfinished: (folders) => Effect.mapError(place.removeUnfinished(folders), failed("")),
    writtenTo: (relativePaths) => Effect.sync(() => relativePaths.flatMap((file) => files.get(file) ?? [])),
    attempt: failures.attempt,
    checkLesions: failures.check,
    remove: Effect.fn("OutputFolder.remove")(function* (relativePath) {
      yield* Effect.mapError(place.remove(relativePath), failed(relativePath))
      files.delete(relativePath)
    }),
    written: Effect.gen(function* () {
      yield* failures.check
      const results = [...files.values()].filter((file) => !isInRunFolder(file.path))
      const sorted = results.sort((a, b) => (a.path < b.path ? -1 : 1))
      const there = yield* Effect.forEach(sorted, (file) => place.isStillThere(file.path, file.bytes), {
        concurrency: filesAtOnce
      })
      const lost = sorted.filter((_, position) => !there[position]).map((file) => file.path)
      if (lost.length > 0) return yield* new OutputLost({ folder: place.path, files: lost })
      yield* Effect.mapError(place.flush, (cause) => new OutputNotWritten({ file: place.path, cause }))
      return sorted
    })
  })
}
