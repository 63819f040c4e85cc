/** Where the files of an output folder are: in a folder on disk, or in memory. Fails with what the system says. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { type Content, piecesOf } from "../files/Content.ts"
import {
  appendBelow,
  flushFolders,
  isFolderThere,
  isStillThere,
  pathProblem,
  removeAsidesBelow,
  removeBelow,
  removeEmptyAbove,
  type WritingFolder,
  type Written,
  writeBelow
} from "../files/writeInFolder.ts"
import { textOf } from "./folderState.ts"
import type { OutputUnreadable } from "./refusedMaps.ts"

export interface OutputPlace {
  readonly path: string
  readonly write: (
    relativePath: string,
    content: Content,
    sha256: string | undefined
  ) => Effect.Effect<Written, unknown>
  readonly read: (relativePath: string) => Effect.Effect<string | undefined, OutputUnreadable>
  readonly append: (relativePath: string, text: string) => Effect.Effect<void, unknown>
  readonly remove: (relativePath: string) => Effect.Effect<void, unknown>
  readonly removeUnfinished: (folders: ReadonlyArray<string>) => Effect.Effect<void, unknown>
  /** Whether the folder itself is there. */
  readonly isThere: Effect.Effect<boolean>
  readonly isStillThere: (relativePath: string, bytes: number) => Effect.Effect<boolean>
  /** Makes sure that the names of all files outlive a loss of power. */
  readonly flush: Effect.Effect<void, unknown>
}

export const onDisk = (folder: WritingFolder): OutputPlace => ({
  path: folder.path,
  write: (relativePath, content, sha256) => writeBelow(folder, relativePath, content, sha256),
  read: (relativePath) => textOf(folder.path, relativePath),
  append: (relativePath, text) => appendBelow(folder, relativePath, text),
  remove: (relativePath) => Effect.andThen(removeBelow(folder, relativePath), removeEmptyAbove(folder, relativePath)),
  removeUnfinished: (folders) => removeAsidesBelow(folder, folders),
  isThere: isFolderThere(folder),
  isStillThere: (relativePath, bytes) => isStillThere(folder, relativePath, bytes),
  flush: flushFolders(folder)
})

export const inMemory = (files: Map<string, Uint8Array>): OutputPlace => ({
  path: "",
  write: (relativePath, content, given) => {
    const problem = pathProblem(relativePath)
    if (problem !== undefined) return Effect.fail(new Error(problem))
    return Effect.sync(() => {
      const bytes = Buffer.concat(Array.from(piecesOf(content), (piece) => Buffer.from(piece)))
      files.set(relativePath, bytes)
      return { bytes: bytes.length, sha256: given ?? createHash("sha256").update(bytes).digest("hex") }
    })
  },
  read: (relativePath) =>
    Effect.sync(() => {
      const bytes = files.get(relativePath)
      return bytes === undefined ? undefined : Buffer.from(bytes).toString()
    }),
  append: (relativePath, text) =>
    Effect.sync(
      () => void files.set(relativePath, Buffer.concat([files.get(relativePath) ?? Buffer.of(), Buffer.from(text)]))
    ),
  remove: (relativePath) => Effect.sync(() => void files.delete(relativePath)),
  removeUnfinished: () => Effect.void,
  isThere: Effect.succeed(true),
  isStillThere: () => Effect.succeed(true),
  flush: Effect.void
})
