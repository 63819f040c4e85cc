/** Which parts of a store's preparation are done, in `progress/parts/` of the unfinished store: each says which of its scans cannot be used. */
import { readFile } from "node:fs/promises"
import path from "node:path"
import { type Effect, Option, Schema } from "effect"
import { unlessMissing } from "../../../files/unlessMissing.ts"
import type { StoreNotWritten } from "./StoreNotWritten.ts"
import { progressFolder } from "./storeProgress.ts"
import { onFile, writeStoreFile } from "./writeStoreFile.ts"

export const DonePart = Schema.Struct({
  part: Schema.Int,
  of: Schema.Int,
  bad: Schema.Array(Schema.Struct({ subject: Schema.String, file: Schema.String, problem: Schema.String }))
})

export type DonePart = typeof DonePart.Type

const fileOf = (unfinished: string, part: number): string =>
  path.join(progressFolder(unfinished), "parts", `${part}.json`)

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(DonePart))

/** Undefined where the part is not done. */
export const readDonePart = (unfinished: string, part: number): Effect.Effect<DonePart | undefined, StoreNotWritten> =>
  onFile(fileOf(unfinished, part), async () =>
    Option.getOrUndefined(decode(await readFile(fileOf(unfinished, part), "utf8").catch(unlessMissing)))
  )

export const writeDonePart = (unfinished: string, done: DonePart): Effect.Effect<void, StoreNotWritten> =>
  writeStoreFile(fileOf(unfinished, done.part), JSON.stringify(done))
