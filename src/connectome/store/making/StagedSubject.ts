/**
 * The chunk files of one subject while they are written: each is checksummed as it goes, all are flushed to the disk
 * before the subject counts as whole.
 */
import { open, rm } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { makeFolder } from "../../../files/makeFolder.ts"
import { checksumOf } from "../storeChecksum.ts"
import type { StoreExtent } from "../storeGeometry.ts"
import type { StoreNotWritten } from "./StoreNotWritten.ts"
import { journalFile, stagedFiles, subjectFolder } from "./storeProgress.ts"
import { bytesOf, onFile } from "./writeStoreFile.ts"

export interface StagedSubject {
  /** Writes the chunk file at a position of `subjectFiles`. The disk takes it while the next one is computed. */
  readonly write: (position: number, content: NodeJS.ArrayBufferView) => Effect.Effect<void, StoreNotWritten>
  /** Waits until all files are on the disk. Gives their checksums; a defect where one has not been written. */
  readonly finish: Effect.Effect<ReadonlyArray<number>, StoreNotWritten>
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
  // The journal's entry goes first, so that the subject no longer counts as whole.
  for (const file of [journalFile(unfinished, id), folder]) {
    yield* onFile(file, () => rm(file, { recursive: true, force: true }))
  }
  const flushing: Array<Effect.Effect<void, StoreNotWritten>> = []
  return {
    write: Effect.fnUntraced(function* (position, content) {
      const file = path.join(folder, files[position]!)
      checksums[position] = checksumOf(content)
      const { flushed } = yield* Effect.uninterruptible(onFile(file, () => beginFile(file, content)))
      flushing.push(onFile(file, () => flushed))
    }),
    finish: Effect.gen(function* () {
      for (const flushed of flushing) yield* flushed
      return checksums.map((checksum, position) => {
        if (checksum === undefined) throw new RangeError(`${files[position]} has not been written`)
        return checksum
      })
    })
  }
})

/** Writes a file. The promise `flushed` in the result resolves when the disk has it. */
const beginFile = async (
  file: string,
  content: NodeJS.ArrayBufferView
): Promise<{ readonly flushed: Promise<void> }> => {
  await makeFolder(path.dirname(file))
  const handle = await open(file, "w")
  try {
    await handle.writeFile(bytesOf(content))
  } catch (cause) {
    await handle.close()
    throw cause
  }
  const flushed = handle.datasync().finally(() => handle.close())
  // `finish` awaits this promise; until then the empty catch keeps a rejection from counting as unhandled.
  flushed.catch(() => undefined)
  return { flushed }
}
