/** Keeps an output folder to one run at a time. The lock lies in `.lnm/`, which is gone again where nothing else is in it. */
import { rmdir } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { holderOf, lockPath } from "../files/lockPath.ts"
import { makeFolderBelow, type WritingFolder } from "../files/writeInFolder.ts"
import { OutputBusy } from "./refusedMaps.ts"
import { lockedName, runFolder } from "./runFolder.ts"

/** Locks the folder until the Scope closes. Fails with `OutputBusy` where another run has it, or with what the system says. */
export const lockOutput = Effect.fn("lockOutput")(function* (folder: WritingFolder) {
  yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => makeRunFolder(folder), catch: (cause): unknown => cause }),
    // Fails where something is left in it, or the folder is gone: then that is how it is.
    () => Effect.ignore(Effect.tryPromise(() => rmdir(path.join(folder.path, runFolder))))
  )
  yield* Effect.mapError(
    lockPath(path.join(folder.path, lockedName), "keeps the output folder for its"),
    (error): unknown =>
      error._tag === "PathLocked"
        ? new OutputBusy({ folder: folder.path, holder: { host: error.host, pid: error.pid } })
        : error.cause
  )
})

/** Attempts to make a folder that another run may remove when it ends. */
const mostAttempts = 5

const makeRunFolder = async (folder: WritingFolder, attempt = 1): Promise<void> => {
  try {
    await makeFolderBelow(folder, runFolder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || attempt === mostAttempts) throw cause
    await makeRunFolder(folder, attempt + 1)
  }
}

/** Fails with `OutputBusy` where another run of this host has the folder, so that nothing is prepared in vain. Writes nothing. */
export const refuseBusy = Effect.fn("refuseBusy")(function* (folder: string) {
  const holder = yield* holderOf(path.join(folder, lockedName))
  if (holder !== undefined) return yield* new OutputBusy({ folder, holder: { host: holder.host, pid: holder.pid } })
})
