/**
 * The one way in which files are written: a file appears whole or not at all, and what has appeared outlives a loss of power.
 *
 * It is written aside under another name, flushed to the disk and renamed; then its folder is flushed, which holds the name. Where
 * writing fails or is interrupted, the file aside is removed, and a file that was there before is as it was.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { type Content, piecesOf } from "./Content.ts"
import { makeFolder } from "./makeFolder.ts"
import { asideOfProcess } from "./partialFiles.ts"
import { reasonOf } from "./reasonOf.ts"
import { syncFolder } from "./syncFolder.ts"

/** The system does not take a file. Who writes says in words of its own what follows from it. */
export class FileNotWritten extends Schema.TaggedError<FileNotWritten>()("FileNotWritten", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file} could not be written: ${reasonOf(this.cause)}`
  }
}

export interface WritingOptions {
  /** What the file is called until it is whole, in the same folder; by default `asideOfProcess`. */
  readonly aside?: string
  /** Whether folders that are missing are made; by default they are. */
  readonly makesFolders?: boolean
  /** Whether the file's folder is flushed; by default it is. Who writes many files may flush their folders once, with `syncFolder`. */
  readonly flushesFolder?: boolean
}

/** Writes content as one file. */
export const writeWhole = (
  file: string,
  content: Content,
  options: WritingOptions = {}
): Effect.Effect<void, FileNotWritten> =>
  putInPlace(file, options, (aside) => Effect.scoped(writeContent(file, aside, content)))

/** Runs `write` with the name aside, which a library may write to, then gives that file its real name. */
export const writeWholeBy = <E, R>(
  file: string,
  write: (aside: string) => Effect.Effect<void, E, R>,
  options: WritingOptions = {}
): Effect.Effect<void, E | FileNotWritten, R> =>
  putInPlace(file, options, (aside) =>
    Effect.andThen(
      write(aside),
      step(file, async () => flush(await open(aside, "r+")))
    )
  )

const putInPlace = <E, R>(
  file: string,
  { aside = asideOfProcess(file), makesFolders = true, flushesFolder = true }: WritingOptions,
  writeAside: (aside: string) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | FileNotWritten, R> => {
  const folder = path.dirname(file)
  const ready = makesFolders ? step(file, () => makeFolder(folder)) : Effect.void
  const named = step(file, async () => {
    await rename(aside, file)
    if (flushesFolder) await syncFolder(folder)
  })
  return ready.pipe(
    Effect.andThen(writeAside(aside)),
    Effect.andThen(named),
    Effect.onError(() => Effect.ignore(Effect.tryPromise(() => rm(aside, { force: true }))))
  )
}

/** A step that has begun is waited for, so that nothing writes to the file after it was removed. */
const step = <A>(file: string, run: () => Promise<A>): Effect.Effect<A, FileNotWritten> =>
  Effect.uninterruptible(Effect.tryPromise({ try: run, catch: (cause) => new FileNotWritten({ file, cause }) }))

const writeContent = Effect.fnUntraced(function* (file: string, aside: string, content: Content) {
  const handle = yield* Effect.acquireRelease(
    step(file, () => open(aside, "w")),
    // Closed before where all went well; what a close of a failed file says is of no interest.
    (opened) => Effect.ignore(Effect.tryPromise(() => opened.close()))
  )
  for (const piece of piecesOf(content)) yield* step(file, () => handle.writeFile(piece))
  yield* step(file, () => flush(handle))
})

const flush = async (handle: FileHandle): Promise<void> => {
  try {
    await handle.datasync()
  } finally {
    // A network drive may say only now that there is no room.
    await handle.close()
  }
}
