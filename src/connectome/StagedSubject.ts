/**
 * The chunk files of one subject while they are written: each is checksummed as it goes, all are flushed to the disk
 * before the subject counts as whole.
 */
import { rm } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import type { StoreNotWritten } from "./StoreNotWritten.ts"
import { checksumOf } from "./storeFormat.ts"
import type { StoreExtent } from "./storeGeometry.ts"
import { journalFile, stagedFiles, subjectFolder } from "./storeProgress.ts"
import { onFile, writeSynced } from "./writeSynced.ts"

export interface StagedSubject {
  /** Writes the chunk file at a position of `subjectFiles`. */
  readonly write: (position: number, content: NodeJS.ArrayBufferView) => Effect.Effect<void, StoreNotWritten>
  /** Checksums of all chunk files; a defect where one has not been written. */
  readonly checksums: () => ReadonlyArray<number>
}

/** Begins a subject anew: what an interrupted attempt has left is removed. */
export const stageSubject = Effect.fn("stageSubject")(function* (
  unfinished: string,
  extent: StoreExtent,
  id: string
): Effect.fn.Return<StagedSubject, StoreNotWritten> {
  const folder = subjectFolder(unfinished, id)
  const files = stagedFiles(extent)
  const checksums = new Array<number | undefined>(files.length).fill(undefined)
  // First of all it no longer counts as whole.
  for (const file of [journalFile(unfinished, id), folder]) {
    yield* onFile(file, () => rm(file, { recursive: true, force: true }))
  }
  return {
    write: (position, content) =>
      Effect.suspend(() => {
        checksums[position] = checksumOf(content)
        return writeSynced(path.join(folder, files[position]!), content)
      }),
    checksums: () =>
      checksums.map((checksum, position) => {
        if (checksum === undefined) throw new RangeError(`${files[position]} has not been written`)
        return checksum
      })
  }
})
