/**
 * Writing and removing files within a folder, and nowhere else: a path that would leave it is refused, also where a symbolic link
 * below it leads out. The folder itself is never made here, so a folder that was removed during a run does not come back half full.
 */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { lstat, open, realpath, rm, rmdir } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { type Content, piecesOf } from "./Content.ts"
import { makeOneFolder } from "./makeFolder.ts"
import { removeAsides } from "./partialFiles.ts"
import { syncFolder } from "./syncFolder.ts"
import { unlessMissing } from "./unlessMissing.ts"
import { FileNotWritten, writeWhole } from "./writeWhole.ts"

/** What was written: its size, and its hash as it went to the disk. */
export interface Written {
  readonly bytes: number
  readonly sha256: string
}

export interface WritingFolder {
  readonly path: string
  /** Its real path: `path` may lead over symbolic links. */
  readonly real: string
  /** Folders below it that are known to be there and inside of it. */
  readonly known: Set<string>
  /** Folders, by their paths, whose files have got names that are not flushed to the disk yet. */
  readonly unflushed: Set<string>
}

export const openFolder = async (folder: string): Promise<WritingFolder> => ({
  path: folder,
  real: await realpath(folder),
  known: new Set(),
  unflushed: new Set()
})

/** Why a path is none below a folder; undefined where it is one. */
export const pathProblem = (relativePath: string): string | undefined => {
  if (relativePath.includes("\0")) return "its path holds a NUL character"
  if (relativePath === "" || path.isAbsolute(relativePath)) return "its path is not relative to the folder"
  if (relativePath.split("/").includes("..")) return "its path leaves the folder"
  return path.normalize(relativePath) === relativePath ? undefined : "its path is not in its shortest form"
}

/** Whether a real path lies below a real folder. */
export const isBelow = (real: string, folder: string): boolean =>
  real.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)

/**
 * Writes a file, making the folders between; fails with what the system says. Its name is sure to outlive a loss of power after
 * `flushFolders`, so that many files of one folder do not flush it many times.
 *
 * @param sha256 the content's hash, where it is known; else it is taken here
 */
export const writeBelow = (
  folder: WritingFolder,
  relativePath: string,
  content: Content,
  sha256?: string
): Effect.Effect<Written, unknown> =>
  Effect.suspend(() => {
    const file = path.join(folder.path, relativePath)
    const hash = sha256 === undefined ? createHash("sha256") : undefined
    let bytes = 0
    const noted = function* () {
      for (const piece of piecesOf(content)) {
        hash?.update(piece)
        bytes += Buffer.byteLength(piece)
        yield piece
      }
    }
    return attempt(() => makeFolders(folder, relativePath)).pipe(
      Effect.andThen(writeWhole(file, { pieces: noted }, { makesFolders: false, flushesFolder: false })),
      Effect.mapError((error) => (error instanceof FileNotWritten ? error.cause : error)),
      Effect.map(() => {
        folder.unflushed.add(path.dirname(file))
        return { bytes, sha256: sha256 ?? hash!.digest("hex") }
      })
    )
  })

/** Flushes the names of all files that were written, and of the folders that were made for them. */
export const flushFolders = (folder: WritingFolder): Effect.Effect<void, unknown> =>
  attempt(async () => {
    for (const unflushed of folder.unflushed) {
      await syncFolder(unflushed)
      folder.unflushed.delete(unflushed)
    }
  })

/** Removes a file if it is there. */
export const removeBelow = (folder: WritingFolder, relativePath: string): Effect.Effect<void, unknown> =>
  attempt(async () => {
    refusePath(relativePath)
    const file = path.join(folder.path, relativePath)
    const parent = await realpath(path.dirname(file)).catch(unlessMissing)
    if (parent === undefined) return
    if (parent !== folder.real && !isBelow(parent, folder.real)) throw leadsOut(relativePath)
    await rm(file, { force: true })
  })

const attempt = <A>(step: () => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.tryPromise({ try: step, catch: (cause) => cause })

const refusePath = (relativePath: string): void => {
  const problem = pathProblem(relativePath)
  if (problem !== undefined) throw new Error(problem)
}

const leadsOut = (relativePath: string): Error =>
  new Error(`${relativePath} is a symbolic link that leads out of the folder`)

/** Makes the folders above a file. */
const makeFolders = (folder: WritingFolder, relativePath: string): Promise<void> => {
  refusePath(relativePath)
  const above = path.posix.dirname(relativePath)
  return above === "." ? Promise.resolve() : makeFolderBelow(folder, above)
}

/** Makes a folder and those above it, one after the other; each must really lie below the folder. Rejects with what the system says. */
export const makeFolderBelow = async (folder: WritingFolder, relativePath: string): Promise<void> => {
  refusePath(relativePath)
  const parts = relativePath.split("/")
  for (let depth = 1; depth <= parts.length; depth++) {
    const below = parts.slice(0, depth).join("/")
    if (folder.known.has(below)) continue
    const made = path.join(folder.path, below)
    await makeOneFolder(made)
    folder.unflushed.add(path.dirname(made))
    if (!isBelow(await realpath(made), folder.real)) throw leadsOut(below)
    folder.known.add(below)
  }
}

/** Whether a file that was written is there still, as long as it was. */
export const isStillThere = (folder: WritingFolder, relativePath: string, bytes: number): Effect.Effect<boolean> =>
  attempt(() => lstat(path.join(folder.path, relativePath))).pipe(
    Effect.map((found) => found.isFile() && found.size === bytes),
    Effect.orElseSucceed(() => false)
  )

/** Whether the folder itself is there still. */
export const isFolderThere = (folder: WritingFolder): Effect.Effect<boolean> =>
  attempt(() => realpath(folder.path)).pipe(
    Effect.map((real) => real === folder.real),
    Effect.orElseSucceed(() => false)
  )

/** Adds text at the end of a file that is there, and flushes it; before that the names of all files that were written. */
export const appendBelow = (folder: WritingFolder, relativePath: string, text: string): Effect.Effect<void, unknown> =>
  Effect.andThen(
    flushFolders(folder),
    // Once begun it is waited for, so that two texts are never one in the other.
    Effect.uninterruptible(
      attempt(async () => {
        refusePath(relativePath)
        await using handle = await open(path.join(folder.path, relativePath), constants.O_WRONLY | constants.O_APPEND)
        await handle.writeFile(text)
        await handle.datasync()
      })
    )
  )

/**
 * Removes what killed processes have left unfinished in folders below, or `.` for the folder itself, and those of them that are empty then.
 * Nobody else may be writing.
 */
export const removeAsidesBelow = (
  folder: WritingFolder,
  folders: ReadonlyArray<string>
): Effect.Effect<void, unknown> =>
  Effect.andThen(
    attempt(async () => {
      for (const below of folders) {
        if (below !== ".") refusePath(below)
        const real = await realpath(path.join(folder.path, below)).catch(unlessMissing)
        if (real !== undefined && (real === folder.real || isBelow(real, folder.real))) await removeAsides(real)
      }
    }),
    Effect.forEach(folders, (below) => removeEmptyAbove(folder, `${below}/any`), { discard: true })
  )

/** Removes the folders above a file as far as nothing is in them. */
export const removeEmptyAbove = (folder: WritingFolder, relativePath: string): Effect.Effect<void> =>
  Effect.ignore(
    attempt(async () => {
      refusePath(relativePath)
      for (let above = path.posix.dirname(relativePath); above !== "."; above = path.posix.dirname(above)) {
        if (!isBelow(await realpath(path.join(folder.path, above)), folder.real)) return
        await rmdir(path.join(folder.path, above))
        folder.known.delete(above)
      }
    })
  )
