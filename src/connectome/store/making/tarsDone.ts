/**
 * How far a store is that is made from tars one after another, in `progress/tars.json` of the unfinished store: the grid of its scans, which
 * are gone by then, and the tars that need not be seen again.
 */
import { readFile } from "node:fs/promises"
import path from "node:path"
import { type Effect, Option, Schema } from "effect"
import { unlessMissing } from "../../../files/unlessMissing.ts"
import type { StoreNotWritten } from "./StoreNotWritten.ts"
import { progressFolder } from "./storeProgress.ts"
import { onFile, writeStoreFile } from "./writeStoreFile.ts"

const BadScan = Schema.Struct({ subject: Schema.String, file: Schema.String, problem: Schema.String })

export const TarsDone = Schema.Struct({
  grid: Schema.Struct({
    shape: Schema.Tuple([Schema.Int, Schema.Int, Schema.Int]),
    affine: Schema.Array(Schema.Finite)
  }),
  space: Schema.optional(Schema.String),
  storage: Schema.String,
  /** Bytes that reading a scan holds beside its time series. */
  reading_bytes: Schema.Finite,
  /** Where the connectome itself lists them: the grid's elements that its voxels are, and its subjects in order. */
  listed: Schema.optional(Schema.Struct({ voxels: Schema.Array(Schema.Int), subjects: Schema.Array(Schema.String) })),
  /** By name: the subjects that it holds, and those of them that cannot be used. */
  tars: Schema.Record(
    Schema.String,
    Schema.Struct({ subjects: Schema.Array(Schema.String), bad: Schema.Array(BadScan) })
  )
})

export type TarsDone = typeof TarsDone.Type

const fileOf = (unfinished: string): string => path.join(progressFolder(unfinished), "tars.json")

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(TarsDone))

/** Undefined where no tar has been begun. */
export const readTarsDone = (unfinished: string): Effect.Effect<TarsDone | undefined, StoreNotWritten> =>
  onFile(fileOf(unfinished), async () =>
    Option.getOrUndefined(decode(await readFile(fileOf(unfinished), "utf8").catch(unlessMissing)))
  )

export const writeTarsDone = (unfinished: string, done: TarsDone): Effect.Effect<void, StoreNotWritten> =>
  writeStoreFile(fileOf(unfinished), JSON.stringify(done))
