/**
 * What the engine asks of a worker, as plain messages: read a block of the connectome, make seeds or pack them,
 * add a range of voxel panels to the sums, or make the maps of a lesion. Bulk data is in the shared memory, and a message
 * carries addresses; the maps of a lesion or their files, and sums that lie elsewhere, are arrays that change hands.
 */
import type { StoredFile } from "../connectome/store/storedFiles.ts"
import type { StoredLayout } from "../connectome/store/storedSubjects.ts"
import type { ParcelTable } from "../elements/ParcelTable.ts"
import type { TileFunctionSource } from "../elements/TileFunction.ts"
import type { Grid } from "../imaging/Grid.ts"
import type { MatrixView } from "../kernels/firstComponent.ts"
import type { LesionSums } from "../kernels/LesionSums.ts"
import type { MaskThresholds } from "../output/lesionMasks.ts"
import type { MapImage } from "../output/mapImage.ts"
import type { MapNumbers } from "../output/mapNumbers.ts"
import type { BrainGrid, MapSizes, MapTarget } from "../output/mapVolume.ts"
import type { ParcelVoxels } from "../output/parcelValues.ts"
import type { StatisticMaps } from "../output/statisticRows.ts"

/** Reads a block into the shared memory. */
export interface ReadTask {
  readonly kind: "read"
  /** Name of the source whose reader understands the block. */
  readonly reader: string
  readonly block: unknown
  /** Address and length of each subject's time series, (time points, voxels). */
  readonly subjects: ReadonlyArray<{ readonly address: number; readonly length: number }>
}

/** Computes the seed time series of all lesions in one subject, for some of its time points, and counts what is not finite in them. */
export interface SeedTask {
  readonly kind: "seed"
  readonly values: number
  readonly timePoints: number
  readonly voxels: number
  readonly firstTime: number
  readonly times: number
  readonly lesions: number
  readonly tables: LesionTables
  readonly series: number
  /** Whether voxels are added in float64: where other seeds are taken out, what is left of one may be little. */
  readonly wide: boolean
  /** Bands of voxels whose standardised time series are added to the global signal; undefined: none are. */
  readonly global?: { readonly sums: number; readonly firstBand: number; readonly lastBand: number } | undefined
}

/** Sets the time series of voxels that hold a NaN or infinity to 0, in one subject, for some of its voxels. */
export interface BlankTask {
  readonly kind: "blank"
  readonly values: number
  readonly timePoints: number
  readonly voxels: number
  /** Voxels `firstVoxel … lastVoxel - 1`. */
  readonly firstVoxel: number
  readonly lastVoxel: number
}

/** Scales the runs of a subject over which r is averaged, for some of its voxels. */
export interface ScaleRunsTask extends Omit<BlankTask, "kind" | "timePoints"> {
  readonly kind: "scaleRuns"
  /** Time points of each run. */
  readonly runs: ReadonlyArray<number>
}

/** Addresses of the tables of all lesions, as the kernels read them. */
export interface LesionTables {
  /** int32: the voxels of each lesion, ascending, lesion after lesion. */
  readonly voxels: number
  /** float32, one a lesion voxel. */
  readonly weights: number
  /** int32 [lesions + 1]: the first voxel of each lesion, and the end of the last. */
  readonly ends: number
  /** float64 [lesions]: 1 / sum of the weights. */
  readonly scales: number
  /** int32 [panelCount]: the voxel panels that some lesion touches, ascending. */
  readonly panels: number
  readonly panelCount: number
}

/** Standardises the seeds of a chunk's subjects and packs them into blocks. */
export interface PackTask {
  readonly kind: "pack"
  readonly timePoints: number
  readonly lesions: number
  /** Of each subject: address of its seed time series, and of its first block. */
  readonly subjects: ReadonlyArray<{ readonly series: number; readonly blocks: number }>
  readonly invalidSeeds: number
  /** Of each subject: address of the sums of its global signal, and where its mean over voxels goes. Empty: there is none. */
  readonly globals: ReadonlyArray<{ readonly sums: number; readonly mean: number }>
}

/** Correlates, transforms and sums a range of voxel panels over the subjects of a chunk. */
export interface ConnectivityTask {
  readonly kind: "connectivity"
  readonly values: number
  readonly subjects: number
  readonly timePoints: number
  readonly voxels: number
  readonly firstPanel: number
  readonly panels: number
  readonly tilePanels: number
  readonly seeds: number
  readonly lesions: number
  readonly sums: number
  /** Where the degree is summed, and address of the first subject's mean over voxels; undefined: it is not. */
  readonly degree: { readonly sums: number; readonly means: number } | undefined
  /** What is done to z before it is added; undefined: nothing. */
  readonly mapping?: TileMapping | undefined
}

/** Functions of the user's, in their order, and the largest |z| that they may leave. */
export interface TileMapping {
  readonly functions: ReadonlyArray<TileFunctionSource>
  readonly largestZ: number
}

/** Imports functions of the user's, to find out before anything is computed whether they can be. */
export interface LoadFunctionsTask {
  readonly kind: "loadFunctions"
  readonly functions: ReadonlyArray<TileFunctionSource>
}

/** Computes the maps of one lesion from its sums. */
export interface StatisticsTask {
  readonly kind: "statistics"
  /** Where the sums lie in the shared memory, and how many elements from there on; or an array that changes hands. */
  readonly values: { readonly address: number; readonly length: number } | BigInt64Array<ArrayBuffer>
  readonly sums: Omit<LesionSums, "values">
}

/** Makes the files of a lesion's maps from its sums. */
export interface ImagesTask extends Omit<StatisticsTask, "kind"> {
  readonly kind: "images"
  /** In shared memory. It lasts too long for an interrupted run to wait for it. */
  readonly writesNothing: true
  readonly site: ImagesSite
  readonly thresholds: MaskThresholds
  readonly images: ReadonlyArray<MapImage>
  /** The grid of the maps, and whether that lies where the site's warp brings them. */
  readonly grid: Grid
  readonly warped: boolean
  /** Voxels of the lesion, where there are parcellations. */
  readonly lesion: Int32Array
}

/** What the images of all lesions have in common. Arrays lie in memory that all threads share. */
export interface ImagesSite {
  readonly brain: BrainGrid
  readonly sizes: MapSizes
  readonly parcellations: ReadonlyArray<ParcelVoxels>
  /** What brings maps to another template; undefined: none are. */
  readonly back: MapTarget["warp"]
}

/** What is made of a lesion: a file for each of its images, in their order, and what its tables say. */
export interface LesionImages {
  readonly files: ReadonlyArray<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly sha256: string }>
  readonly numbers: MapNumbers
  /** Values of a table for each parcellation. */
  readonly parcels: ReadonlyArray<ParcelTable["values"]>
}

/** Reads a chunk file of a store into the shared memory and checks it. */
export interface ReadStoredTask {
  readonly kind: "readStored"
  readonly file: StoredFile
  readonly address: number
}

/** `SeedTask` for a subject of a store. */
export interface StoredSeedTask extends Omit<SeedTask, "kind" | "values" | "voxels" | "global"> {
  readonly kind: "storedSeed"
  /** Panels of the whole brain. */
  readonly panels: number
  /** Where the time points of the global signal are added; undefined: nowhere. */
  readonly global?: number | undefined
  /** Address of the subject's memory. */
  readonly subject: number
  readonly layout: StoredLayout
}

/** `ConnectivityTask` for subjects of a store, one after the other from `subject` on. */
export interface StoredConnectivityTask extends Omit<ConnectivityTask, "kind" | "values"> {
  readonly kind: "storedConnectivity"
  readonly subject: number
  readonly layout: StoredLayout
}

/** Correlates the voxels of some lesions with their own seed, in one subject, and standardises those seeds in place. */
export interface LesionVoxelsTask {
  readonly kind: "lesionVoxels"
  readonly values: number
  readonly timePoints: number
  readonly voxels: number
  readonly tables: LesionTables
  readonly firstLesion: number
  readonly lesions: number
  readonly series: number
  /** Address of the subject's row of correlations. */
  readonly row: number
}

/** `LesionVoxelsTask` for a subject of a store. */
export interface StoredLesionVoxelsTask extends Omit<LesionVoxelsTask, "kind" | "values" | "voxels"> {
  readonly kind: "storedLesionVoxels"
  readonly subject: number
  readonly layout: StoredLayout
}

/** Fits the first principal component of correlations that lie in the shared memory. */
export interface ComponentTask {
  readonly kind: "component"
  /** Address of the correlations, and how many there are. */
  readonly values: number
  readonly length: number
  readonly matrix: Omit<MatrixView, "values">
}

/** Takes the other seeds out of each seed of a subject, and puts those that are kept into the first rows (`takeOutSeeds`). */
export interface PartialTask {
  readonly kind: "partial"
  readonly series: number
  readonly seeds: number
  readonly timePoints: number
  readonly runs: ReadonlyArray<number>
  readonly kept: ReadonlyArray<number>
}

/** Centres seed time series and brings them to unit norm, in place, in float64. */
export interface StandardiseTask {
  readonly kind: "standardise"
  readonly series: number
  readonly seeds: number
  readonly timePoints: number
}

/** Adds z of pairs of standardised seeds, for some rows of the matrix and all subjects of a chunk. */
export interface SeedMatrixTask {
  readonly kind: "pairs"
  /** Address of each subject's series. */
  readonly series: ReadonlyArray<number>
  readonly seeds: number
  readonly timePoints: number
  readonly firstRow: number
  readonly lastRow: number
  readonly sums: number
}

export type EngineTask =
  | ReadTask
  | SeedTask
  | BlankTask
  | ScaleRunsTask
  | PackTask
  | ConnectivityTask
  | ReadStoredTask
  | StoredSeedTask
  | StoredConnectivityTask
  | LesionVoxelsTask
  | StoredLesionVoxelsTask
  | ComponentTask
  | StandardiseTask
  | PartialTask
  | SeedMatrixTask
  | LoadFunctionsTask
  | StatisticsTask
  | ImagesTask

export interface TaskDone {
  /** Seconds that the worker was busy with it. */
  readonly seconds: number
  /**
   * Of each subject of the task: seeds, or voxels of the range, that were invalid; of a seed task the values of its series that are
   * not finite. Empty for other tasks.
   */
  readonly invalid: ReadonlyArray<number>
  /** Of a blank task: shape (time points), voxels of the range that are NaN or infinite there. */
  readonly notFiniteAt?: Uint32Array
  /** Of a connectivity task with functions of the user's: whether these left z of a subject that cannot be summed. */
  readonly unbounded?: ReadonlyArray<boolean>
  /** What is wrong with a function of the user's; then the other fields mean nothing. */
  readonly fault?: TileFunctionFault
  /** Of a component task: the loadings. Shape: (columns). */
  readonly loadings?: Float64Array
  /** Of a partial task: the share of each seed's variance that the others leave; NaN: it is invalid. Shape: (seeds). */
  readonly shares?: Float64Array
  /** Of a statistics task: the maps of the lesion. */
  readonly maps?: StatisticMaps
  /** Of an images task. */
  readonly images?: LesionImages
}

/** A function of a task that is missing, or failed, with the message and stack of the cause. */
export interface TileFunctionFault {
  readonly kind: "missing" | "failed"
  /** Position among the task's functions. */
  readonly index: number
  readonly message: string
  readonly stack: string | undefined
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly memory: unknown
  readonly invalidVoxels: number
  readonly scratch: number
}
