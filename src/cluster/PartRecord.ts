/** What a finished part says of itself, in `.lnm/parts/part-K.json`: it is written last, so that a part without it is not done. */
import { rm } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { partsFolder } from "./partsFolder.ts"

/** What a part leaves: correlations that seeds are refined from, sums, or counts and maxima of permutations. */
export const PartsOf = Schema.Literals(["correlations", "sums", "permutations"])

export type PartsOf = typeof PartsOf.Type

export const PartRecord = Schema.Struct({
  part: Schema.Int,
  /** SHA-256 of the cut that it is a part of. */
  cut: Schema.String,
  of: PartsOf,
  host: Schema.String,
  /** Whether multiply-adds were computed with one rounding; null: in the arithmetic of the run that makes no difference. */
  fused: Schema.NullOr(Schema.Boolean),
  started: Schema.String,
  seconds: Schema.Number,
  /** Whose sums an interrupted attempt had computed. */
  subjects_taken_over: Schema.Int,
  peak_memory_bytes: Schema.Number,
  subjects: Schema.Int,
  files: Schema.Array(Schema.Struct({ batch: Schema.Int, file: Schema.String, bytes: Schema.Number }))
})

export type PartRecord = typeof PartRecord.Type

const recordFile = (output: string, part: number): string => path.join(partsFolder(output), `part-${part}.json`)

const mostRecordBytes = 2 ** 24

/** The record of a part; undefined where there is none that can be understood: then the part is not done. */
export const readPartRecord = (output: string, part: number): Effect.Effect<PartRecord | undefined> =>
  Effect.tryPromise(() => readRegularFile(recordFile(output, part), mostRecordBytes).then(String)).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(PartRecord))),
    Effect.orElseSucceed(() => undefined)
  )

export const writePartRecord = (output: string, record: PartRecord) =>
  writeWhole(recordFile(output, record.part), `${JSON.stringify(record, null, 2)}\n`)

export const removePartRecord = (output: string, part: number) =>
  Effect.promise(() => rm(recordFile(output, part), { force: true }))

/** The file of a part's sums, or correlations, of a batch. */
export const unitFile = (output: string, part: number, batch: number, of: PartsOf): string =>
  path.join(partsFolder(output), `part-${part}-batch-${batch + 1}.${of}`)
