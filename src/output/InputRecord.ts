/**
 * What a manifest says of an input: path, size, and a hash with the method by which it was made. Only content is hashed: a copy of the
 * same bytes under another name, or of another time, has the same hash.
 *
 *     sha256           SHA-256 of all of it; of a store, of all of its chunk files one after another
 *     sha256-sampled   SHA-256 of its first and last bytes and of blocks in between (`hashInput.ts` says which)
 *     store            SHA-256 of the sizes and checksums of a store's chunk files, which every run holds them against
 */
import { Schema } from "effect"

/** Of a store: ids of the subjects that were read, of which alone the record is; left out where all were. */
const subjects = Schema.optionalKey(Schema.Array(Schema.String))

/** SHA-256 of all bytes of a file, or of the chunk files of a store in their order. */
const WholeRecord = Schema.Struct({
  path: Schema.String,
  bytes: Schema.Number,
  method: Schema.Literal("sha256"),
  sha256: Schema.String,
  /** Of a store: its chunk files. */
  files: Schema.optionalKey(Schema.Number),
  subjects
})

/** SHA-256 of samples of a file. */
const SampledRecord = Schema.Struct({
  path: Schema.String,
  bytes: Schema.Number,
  method: Schema.Literal("sha256-sampled"),
  hash: Schema.String,
  /** Bytes that the samples have together. */
  bytes_hashed: Schema.Number
})

/** SHA-256 of what a store says of its chunk files. */
const StoreRecord = Schema.Struct({
  path: Schema.String,
  bytes: Schema.Number,
  method: Schema.Literal("store"),
  hash: Schema.String,
  files: Schema.Number,
  subjects
})

export const InputRecord = Schema.Union([WholeRecord, SampledRecord, StoreRecord])

export type InputRecord = typeof InputRecord.Type
export type WholeRecord = typeof WholeRecord.Type
export type SampledRecord = typeof SampledRecord.Type
export type StoreRecord = typeof StoreRecord.Type

/** The hash of an input, in hex: equal for equal content where size and method are equal too. */
export const hashOf = (record: InputRecord): string => (record.method === "sha256" ? record.sha256 : record.hash)
