/**
 * The format of a connectome store: a folder `….zarr` that holds one Zarr v3 group, made for reading. This module has its
 * name and version, the group's attributes and the checksums; `storeGeometry` has the arrays.
 *
 * While a store is written its folder is called `….zarr.unfinished`; to give it its name is the last act. All bytes of a
 * store are a function of what it holds: no times, no names of machines.
 *
 * Invalid time series: no variance gives sd 0, a NaN or infinity gives sd NaN. Both are stored as zeros; so `sd · values`
 * says again what the raw signal said, and a run knows which voxels to leave out of an average.
 */
import { crc32 } from "node:zlib"
import { Schema } from "effect"
import { bidsLabel } from "../../imaging/bidsLabel.ts"
import type { Grid } from "../../imaging/Grid.ts"
import type { LeftOutSubject } from "../Connectome.ts"
import type { StoreExtent } from "./storeGeometry.ts"

export const storeFormatName = "lesion-network-mapping/connectome-store"
export const storeFormatVersion = 1

/** What follows the name of a store's folder until it is finished. */
export const unfinishedSuffix = ".unfinished"

/** A store's folder while it is written. */
export const unfinishedFolder = (store: string): string => `${store.replace(/\/+$/, "")}${unfinishedSuffix}`

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const Row = Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite, Schema.Finite])

/** The attributes of the store's group, in the order in which they are written. */
export const StoreAttributes = Schema.Struct({
  format: Schema.Literal(storeFormatName),
  format_version: Schema.Literal(storeFormatVersion),
  /** Version of the package that wrote the store. */
  tool_version: Schema.String,
  complete: Schema.Literal(true),
  /** BIDS label of the template space. */
  space: Schema.String.check(Schema.isPattern(bidsLabel)),
  precision: Schema.Literals(["int16", "float32"]),
  subjects: Count,
  voxels: Count,
  /** Time points of the longest subject; the array `time_points` has those of each. */
  time_points: Count,
  /** Voxels of the mask's grid along i, j and k. */
  mask_shape: Schema.Tuple([Count, Count, Count]),
  /** Affine from voxel indices to mm, row by row. */
  mask_affine: Schema.Tuple([Row, Row, Row, Row]),
  subject_ids: Schema.Array(Schema.String),
  /** The files that each subject comes from, in order. */
  subject_sources: Schema.Array(Schema.Array(Schema.String)),
  /** The person of each subject, where runs are subjects of their own; not there where they were joined, and in stores of earlier versions. */
  subject_people: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Subjects whose scans could not be used; not there where all could, and in stores of earlier versions. */
  left_out: Schema.optionalKey(
    Schema.Array(Schema.Struct({ subject: Schema.String, file: Schema.String, reason: Schema.String }))
  ),
  /** How a person reads the store without this package. */
  reading: Schema.String,
  /** Checksums of the chunk files that hold something of all subjects; CRC-32 (as zlib's) of the other attributes. */
  metadata_checksums: Schema.Struct({
    mask_indices: Schema.Int,
    time_points: Schema.Int,
    checksums: Schema.Int,
    attributes: Schema.Int
  })
})

export type StoreAttributes = typeof StoreAttributes.Type

/** What the writer says of a store; the rest of the attributes follows from it. */
export interface StoreDescription extends StoreExtent {
  readonly toolVersion: string
  readonly space: string
  readonly grid: Grid
  readonly subjectIds: ReadonlyArray<string>
  readonly subjectSources: ReadonlyArray<ReadonlyArray<string>>
  /** The person of each subject, where runs are subjects of their own. */
  readonly subjectPeople?: ReadonlyArray<string>
  /** Default: none. */
  readonly leftOut?: ReadonlyArray<LeftOutSubject>
  readonly checksums: Omit<StoreAttributes["metadata_checksums"], "attributes">
}

const reading =
  "timeseries[s].transpose(1, 0, 2).reshape(T, -1)[:time_points[s], :voxels] is (time points, voxels) of subject s, T the " +
  "third extent of timeseries; int16: times step[s]; times sd[s]: the raw signal without its mean. Chunks are plain " +
  "little-endian numbers."

export const makeAttributes = (store: StoreDescription): StoreAttributes => {
  const { leftOut = [], subjectPeople } = store
  const attributes: Omit<StoreAttributes, "metadata_checksums"> = {
    format: storeFormatName,
    format_version: storeFormatVersion,
    tool_version: store.toolVersion,
    complete: true,
    space: store.space,
    precision: store.precision,
    subjects: store.subjects,
    voxels: store.voxels,
    time_points: store.timePoints,
    mask_shape: store.grid.shape,
    mask_affine: [rowOf(store.grid, 0), rowOf(store.grid, 1), rowOf(store.grid, 2), rowOf(store.grid, 3)],
    subject_ids: store.subjectIds,
    subject_sources: store.subjectSources,
    ...(subjectPeople === undefined ? {} : { subject_people: subjectPeople }),
    ...(leftOut.length === 0
      ? {}
      : { left_out: leftOut.map(({ subject, file, reason }) => ({ subject, file, reason })) }),
    reading
  }
  return { ...attributes, metadata_checksums: { ...store.checksums, attributes: attributesChecksum(attributes) } }
}

const rowOf = ({ affine }: Grid, row: number): typeof Row.Type => [
  affine[4 * row]!,
  affine[4 * row + 1]!,
  affine[4 * row + 2]!,
  affine[4 * row + 3]!
]

/** CRC-32 of all attributes but `metadata_checksums`, as JSON without spaces, in their order. */
export const attributesChecksum = ({
  metadata_checksums: _,
  ...attributes
}: Partial<StoreAttributes> | Readonly<Record<string, unknown>>): number =>
  crc32(Buffer.from(JSON.stringify(attributes)))
