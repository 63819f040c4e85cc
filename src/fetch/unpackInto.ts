/** Unpacks tars where they lie. What is unpacked already stays; a tar that is all unpacked is removed. */
import { rm, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { FetchNotWritten } from "./FetchFailure.ts"
import type { FetchRecord } from "./FetchRecord.ts"
import { listTar, unpackTar } from "./tar/tarMembers.ts"

/** Unpacks one tar of a folder. @param name its path below the folder */
export const unpackInto = Effect.fn("unpackInto")(function* (
  folder: string,
  name: string,
  record: FetchRecord,
  keepsTar: boolean
) {
  const tar = path.join(folder, name)
  const known = record.get(name)
  if (known?.unpacked === true) return
  yield* Effect.tryPromise({
    try: async (signal) => {
      const isMissing = new Set<string>()
      for (const { name: member, bytes } of await listTar(tar, signal)) {
        const size = await stat(path.join(folder, member)).then(({ size }) => size, unlessMissing)
        if (size !== bytes) isMissing.add(member)
      }
      const unpacking = unpackTar(tar, (member) =>
        isMissing.has(member.name) ? path.join(folder, member.name) : undefined
      )
      for await (const _ of unpacking) signal.throwIfAborted()
    },
    catch: (cause) => new FetchNotWritten({ file: tar, problem: `it cannot be unpacked (${reasonOf(cause)})` })
  })
  if (known !== undefined) yield* record.add(name, { ...known, unpacked: true })
  if (!keepsTar) yield* Effect.ignore(Effect.tryPromise(() => rm(tar, { force: true })))
})
