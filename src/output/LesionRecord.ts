/**
 * What is kept of a lesion whose maps are finished, in the journal of a run and in the manifest: so that a later run into the same
 * folder need not map it again, and can tell of it in the tables all the same.
 */
import { Schema } from "effect"
import { Seed } from "../lesions/seeds/Seed.ts"
import { FileRecord } from "./FileRecord.ts"

export const LesionRecord = Schema.Struct({
  /** What tables call it. */
  name: Schema.String,
  /** What the paths of its maps begin with: folders, and the names as far as `desc-`. No two lesions of a folder have the same. */
  maps: Schema.String,
  /** Its file, with the path as given: of a seed the table or the atlas that it comes from. */
  file: FileRecord,
  /** What it is where it has no mask of its own; left out where the file is its mask. */
  seed: Schema.optionalKey(Seed),
  /** Whether it was mirrored at x = 0 before it was mapped; left out where it was not. */
  flipped: Schema.optionalKey(Schema.Boolean),
  /** The template that it was brought over from; left out where its file lies in the connectome's. */
  warpedFrom: Schema.optionalKey(Schema.String),
  /** Of such a lesion the image that shows it as it was mapped, among its files; earlier versions wrote none. */
  asMapped: Schema.optionalKey(Schema.String),
  /** Hash of everything that decides its maps. */
  fingerprint: Schema.String,
  /** Its row of the summary, by column; null: n/a. */
  summary: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Number, Schema.Null])),
  /** Its files in the output folder. */
  files: Schema.Array(FileRecord)
})

export type LesionRecord = typeof LesionRecord.Type

/** The same in a manifest, which has size and hash of every file among its outputs. */
export const ListedLesion = Schema.Struct({ ...LesionRecord.fields, files: Schema.Array(Schema.String) })

export type ListedLesion = typeof ListedLesion.Type

export const listLesion = (record: LesionRecord): ListedLesion => ({
  ...record,
  files: record.files.map(({ path }) => path)
})

/** Undefined where an output that it names is not listed. */
export const unlistLesion = (
  lesion: ListedLesion,
  outputs: ReadonlyMap<string, FileRecord>
): LesionRecord | undefined => {
  const files = lesion.files.flatMap((path) => outputs.get(path) ?? [])
  return files.length === lesion.files.length ? { ...lesion, files } : undefined
}
