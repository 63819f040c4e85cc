/**
 * What lies in the folder of an unfinished store beside the store itself, from which an interrupted preparation goes on:
 *
 *     progress/job.json              what is being made; a preparation with another config must not go on from here
 *     progress/journal/ID.json       one file for each subject whose chunk files are whole
 *     progress/subjects/ID/…         those chunk files, until all subjects are there and have their positions
 *     progress/order.json            the subjects' positions, while their files are moved into the store's arrays
 *
 * All of it is gone when the store gets its name.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Schema } from "effect"
import { type StoreExtent, subjectFiles } from "../storeGeometry.ts"

/** What decides the bytes of a subject's files, and what the subjects of one store have in common. */
export const StoreJob = Schema.Struct({
  tool_version: Schema.String,
  format_version: Schema.Int,
  space: Schema.String,
  precision: Schema.Literals(["int16", "float32"]),
  runs: Schema.Literals(["concatenate", "separate"]),
  voxels: Schema.Int,
  /** Time points of the longest subject. */
  time_points: Schema.Int,
  /** CRC-32 of the mask's shape, affine and voxels. */
  mask: Schema.Int
})

export type StoreJob = typeof StoreJob.Type

/** What is kept of a subject whose chunk files are whole. */
export const SubjectEntry = Schema.Struct({
  id: Schema.String,
  /** The person whose run it is, where runs are subjects of their own. */
  person: Schema.optionalKey(Schema.String),
  sources: Schema.Array(Schema.String),
  fingerprint: Schema.String,
  time_points: Schema.Int,
  /** Checksums of its chunk files, in the order of `subjectFiles`. */
  checksums: Schema.Array(Schema.Int),
  /** Voxels of the mask without variance. */
  flat_voxels: Schema.Int
})

export type SubjectEntry = typeof SubjectEntry.Type

export const SubjectOrder = Schema.Array(Schema.String)

export const progressFolder = (unfinished: string): string => path.join(unfinished, "progress")
export const jobFile = (unfinished: string): string => path.join(progressFolder(unfinished), "job.json")
export const orderFile = (unfinished: string): string => path.join(progressFolder(unfinished), "order.json")
export const journalFolder = (unfinished: string): string => path.join(progressFolder(unfinished), "journal")

/** Bytes of a file name that leave room for the ending of a file that is being written. Most file systems take 255. */
const mostNameBytes = 200

/**
 * Ids may have characters that a file name may not, and escaped be longer than one: 30 Chinese characters are 270 bytes. The end
 * of a long one becomes a checksum; the journal's entry has the whole id.
 */
const nameOf = (id: string): string => {
  const escaped = encodeURIComponent(id.toWellFormed())
  if (escaped.length <= mostNameBytes) return escaped
  const checksum = createHash("sha256").update(id).digest("hex")
  return `${escaped.slice(0, mostNameBytes - checksum.length)}${checksum}`
}

export const journalFile = (unfinished: string, id: string): string =>
  path.join(journalFolder(unfinished), `${nameOf(id)}.json`)

export const subjectFolder = (unfinished: string, id: string): string =>
  path.join(progressFolder(unfinished), "subjects", nameOf(id))

/** Arrays that hold chunk files of each subject. */
export const subjectArrays = (extent: StoreExtent): ReadonlyArray<string> => [
  ...new Set(subjectFiles(extent, 0).map((file) => file.split("/")[0]!))
]

/** Chunk files of a subject before it has a position: `timeseries/c/7/0/0/0` is `timeseries/0/0/0` in its folder. */
export const stagedFiles = (extent: StoreExtent): ReadonlyArray<string> =>
  subjectFiles(extent, 0).map((file) => file.replace("/c/0/", "/"))
