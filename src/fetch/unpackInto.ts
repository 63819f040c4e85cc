/** Unpacks tars where they lie. What is unpacked already stays; a tar that is all unpacked is removed. */
import { rm, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { FetchNotWritten } from "./FetchFailure.ts"
import type { FetchRecord } from "./FetchRecord.ts"
import { unpackTar } from "./tar/tarMembers.ts"

/** Unpacks one tar of a folder. @param name its path below the folder */
export const unpackInto = Effect.fn("unpackInto")(function* (
  folder: string,
  name: string,
  record: FetchRecord,
  keepsTar: boolean
) {
  const tar = path.join(folder, name)
  if (!(yield* record.isUnpacked(name))) {
    const unpacked = yield* Effect.tryPromise({
      try: (signal) => unpackMissing(tar, folder, signal),
      catch: (cause) => new FetchNotWritten({ file: tar, problem: `it cannot be unpacked (${reasonOf(cause)})` })
    })
    const known = record.get(name)
    if (known !== undefined && unpacked !== undefined) yield* record.add(name, { ...known, unpacked })
  }
  if (!keepsTar) yield* Effect.ignore(Effect.tryPromise(() => rm(tar, { force: true })))
})

/** Writes what is not there yet; gives the name of the tar's last file. Rejects with what is wrong with the tar. */
const unpackMissing = async (tar: string, folder: string, signal: AbortSignal): Promise<string | undefined> => {
  let last: string | undefined
  const unpacking = unpackTar(tar, async ({ name, bytes }) => {
    signal.throwIfAborted()
    last = name
    const target = path.join(folder, name)
    return (await stat(target).then(({ size }) => size, unlessMissing)) === bytes ? undefined : target
  })
  for await (const _ of unpacking) signal.throwIfAborted()
  return last
}
