/** What the report's workers are told and what they answer: plain data, and memory that all threads share. */
import type { Grid } from "../imaging/Grid.ts"
import type { VoxelEncoding } from "../imaging/nifti/decodeVoxels.ts"
import type { Counts } from "../kernels/overlapCounts.ts"
import type { ColourScale, LesionFindings, ShownStatistic } from "./ReportData.ts"
import type { Box, SliceView } from "./sliceGeometry.ts"

/** A map's file, as its header describes it. */
export interface MapFile extends VoxelEncoding {
  readonly file: string
  readonly gzip: boolean
  readonly voxOffset: number
  readonly bytesPerVoxel: number
  readonly voxels: number
}

/** A parcellation on the brain mask, with a number for each parcel. */
export interface SiteParcels {
  readonly name: string
  readonly parcels: ReadonlyArray<string>
  /** Shape: (voxels of the mask): the parcel that covers most of each voxel, from 1 on; 0: none. */
  readonly ofVoxel: Int32Array
  /** Networks, and for each parcel the position of its own, or -1. Empty: the parcels name no networks. */
  readonly networks: ReadonlyArray<string>
  readonly networkOf: ReadonlyArray<number>
}

/** What all lesions whose maps lie on one grid share. Typed arrays lie in shared memory. */
export interface Site {
  readonly grid: Grid
  /** Shape: (voxels of the mask), ascending: elements of the grid. */
  readonly gridIndex: Int32Array
  /** Shape: (voxels of the grid): greys from 1 on, 0 outside of the head. */
  readonly background: Uint8Array
  /** What pictures show: the mask and some voxels around it. */
  readonly box: Box
  readonly commonViews: ReadonlyArray<SliceView>
  readonly thumbnailView: SliceView
  readonly parcels: ReadonlyArray<SiteParcels>
  /** Shape: (voxels of the mask); undefined: there is none to compare with. */
  readonly degree: Float32Array | undefined
  /** Of each worker; undefined: maps are not added up, since they lie on several grids. */
  readonly sums: ReadonlyArray<SiteSums> | undefined
}

/** What a worker counts over lesions, in memory that all threads see. */
export interface SiteSums {
  /** Shape: (2 · levels of overlap, voxels of the grid); undefined where there are no maps of t. */
  readonly overlap: Counts | undefined
  /** Shape: (voxels of the grid): lesions that hold a voxel. */
  readonly lesions: Counts
  /** Sums of z. Shape: (voxels of the mask). */
  readonly z: Float64Array
}

/** How much is drawn of a lesion. */
export interface Detail {
  readonly own: boolean
  readonly common: boolean
}

/** A lesion's voxels on the grid of its file. */
export interface LesionOutline {
  readonly elements: Int32Array
  readonly grid: Grid
}

/** Looks at a lesion's maps, and adds them up. */
export interface LesionTask {
  readonly kind: "maps of a lesion"
  readonly site: Site
  readonly maps: Readonly<Partial<Record<ShownStatistic, MapFile>>>
  readonly scale: ColourScale
  readonly detail: Detail
  /** Undefined: its file is not as it was. */
  readonly lesion: LesionOutline | undefined
}

/** Compares a lesion's map of z, or r, with the mean of all. */
export interface SimilarityTask {
  readonly kind: "similarity of a map"
  readonly map: MapFile
  readonly statistic: ShownStatistic
  readonly site: Pick<Site, "gridIndex">
  /** Shape: (voxels of the mask). */
  readonly mean: Float32Array
}

export type ReportTask = LesionTask | SimilarityTask

/** What is known of a lesion beside its maps. */
export type RecordedLesion = Pick<
  LesionFindings,
  "name" | "maps" | "lesionVoxels" | "lesionVolumeMm3" | "shareInMask" | "similarityToMean"
>

export interface LesionLook {
  readonly kind: "looked"
  readonly findings: Omit<LesionFindings, keyof RecordedLesion>
  /** Voxels of its maps that are not finite, which were taken as 0. */
  readonly notFinite: number
  readonly seconds: number
}

export interface Similarity {
  readonly kind: "compared"
  readonly similarity: number | null
  readonly seconds: number
}

/** A map that could not be read. */
export interface UnreadableMap {
  readonly kind: "unreadable"
  readonly file: string
  readonly problem: string
}

export type ReportDone = LesionLook | Similarity | UnreadableMap

export interface ReportStart {
  /** Which of the sums are this worker's. */
  readonly worker: number
}
