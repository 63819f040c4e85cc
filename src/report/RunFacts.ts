/**
 * What the report says of how a run's maps were made: the resolved config and what the manifest knows, as plain data. Nothing is in it that
 * the run did not do; what is not known is left out.
 */

export interface RunFacts {
  readonly software: { readonly name: string; readonly version: string; readonly numerics: number | undefined }
  readonly node: string
  readonly system: string
  readonly arithmetic: "fast" | "strict" | "float64"
  readonly connectome: {
    /** The last part of its path. */
    readonly name: string
    /** Whether it is the demo's, which is made up and of no person. */
    readonly isDemo: boolean
    readonly subjects: number
    /** How many they were chosen from; left out where all were taken. */
    readonly chosenFrom?: number | undefined
    /** Inside the brain mask. */
    readonly voxels: number | undefined
    /** Of the shortest and the longest subject. */
    readonly timePoints: readonly [least: number, most: number] | undefined
    /** Edges of a voxel. */
    readonly voxelMm: readonly [number, number, number] | undefined
    readonly space: string | undefined
    /** Whether r was averaged over the runs of a subject. */
    readonly averagesRuns?: boolean
  }
  /** Lesions with maps in the folder. */
  readonly lesions: number
  /** Of these, those that earlier runs have mapped and the last config does not select. */
  readonly lesionsOfOtherRuns: number
  /** Lesions that could not be used and were left out. */
  readonly leftOut: number
  readonly lesionMasks: {
    readonly weights: "binary" | "values"
    readonly threshold: number | null
    readonly values: ReadonlyArray<number> | null
    /** How many lesions in the folder were mirrored to the left; undefined: they were mapped where they lie. */
    readonly flipped?: number | undefined
    /** The template from which masks and parcels were brought over, and how many; undefined: none were. */
    readonly warped?: { readonly from: string; readonly lesions: number } | undefined
  }
  /** Which of the lesions are seeds without a mask file; undefined: none are. */
  readonly seeds?:
    | {
        readonly spheres: number
        /** Their least and largest radius. */
        readonly radiiMm: readonly [number, number] | undefined
        readonly points: number
        readonly parcels: number
        /** Names of the atlases' files. */
        readonly atlases: ReadonlyArray<string>
        /** The template in which coordinates were given, where that is the other one, and of how many seeds. */
        readonly brought?: { readonly from: string; readonly seeds: number } | undefined
      }
    | undefined
  /** How PINI refined the seeds; undefined: a seed is the mean over its lesion. */
  readonly pini: { readonly percentile: number; readonly scope: "connectome" | "file" } | undefined
  /** Whether the seeds of all other lesions were taken out of each seed's time series. */
  readonly partial?: boolean
  /** What a time series without variance, or with a NaN or infinity, is taken for. */
  readonly invalid: "zero" | "error"
  readonly maps: ReadonlyArray<string>
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  readonly matrix: boolean
  readonly parcellations: ReadonlyArray<string>
  readonly grid: "connectome" | "lesion"
}
