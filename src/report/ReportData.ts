/**
 * What the report shows, as plain data: what was made of the maps of every lesion, and of all of them together. Pictures are PNGs; positions
 * are in mm of the template space, x to the right, y to the front, z up. Made by `analyseMaps.ts`, drawn as a page by `reportPage.ts`.
 */
import type { Grid } from "../imaging/Grid.ts"

/** The statistics that slices can show, in the order in which they are taken: the first that was written as a map. */
export type ShownStatistic = "t" | "z" | "r"

export type Direction = "sagittal" | "coronal" | "axial"

/** A slice of a map over the background, with the lesion's outline. Left of the picture is the left of the brain, or the back of it in sagittal ones. */
export interface SlicePicture {
  readonly direction: Direction
  /** Where it was cut, along the direction's axis. */
  readonly positionMm: number
  readonly png: Uint8Array
  /** In pixels. */
  readonly width: number
  readonly height: number
}

/** How values become colours: nothing below the threshold, full colour at and beyond the limit; negative ones likewise. */
export interface ColourScale {
  readonly statistic: ShownStatistic
  readonly threshold: number
  readonly limit: number
  /** Colours from the threshold to the limit, as hexadecimal `#rrggbb`, and those of the negative values. */
  readonly positive: ReadonlyArray<string>
  readonly negative: ReadonlyArray<string>
}

/** Voxels that touch by a face, all beyond the threshold with the same sign. */
export interface Cluster {
  readonly sign: 1 | -1
  readonly voxels: number
  readonly volumeMm3: number
  readonly peakMm: readonly [number, number, number]
  /** At the peak; null where that map was not written. */
  readonly t: number | null
  readonly r: number | null
  readonly z: number | null
  /** Of the cluster's further peaks, those at least 8 mm apart, the strongest first. */
  readonly furtherPeaks: ReadonlyArray<Peak>
  /** The parcel at the peak, of every parcellation that has one there. */
  readonly parcels: ReadonlyArray<{ readonly parcellation: string; readonly parcel: string }>
}

export interface Peak {
  readonly positionMm: readonly [number, number, number]
  readonly value: number
}

/** Share of the voxels beyond the threshold that lie in a network of a parcellation, whose parcels' labels name networks. */
export interface NetworkShare {
  readonly parcellation: string
  readonly network: string
  readonly positive: number
  readonly negative: number
}

/** Counts in bins of equal width. */
export interface Histogram {
  readonly from: number
  readonly to: number
  readonly counts: ReadonlyArray<number>
}

/** What is shown of one lesion. */
export interface LesionFindings {
  /** As the summary has it, and what its maps' paths begin with. */
  readonly name: string
  readonly maps: string
  readonly scale: ColourScale
  /** Three slices through the strongest voxel of the map; none where there are hundreds of lesions, as the common ones. */
  readonly ownSlices: ReadonlyArray<SlicePicture>
  /** Slices at the same positions for all lesions of a grid. */
  readonly commonSlices: ReadonlyArray<SlicePicture>
  readonly thumbnail: SlicePicture
  /** The strongest first. All are counted; how many are listed is bounded. */
  readonly clusters: ReadonlyArray<Cluster>
  readonly clusterCount: number
  readonly networks: ReadonlyArray<NetworkShare>
  /** Of r over the voxels of the brain mask; null where no r or z map was written. */
  readonly histogram: Histogram | null
  readonly lesionVoxels: number
  readonly lesionVolumeMm3: number
  /** Share of the lesion inside the brain mask. */
  readonly shareInMask: number
  /** Correlation over voxels of the z map with the mean z map of all lesions, and with the degree; null where there is none to compare with. */
  readonly similarityToMean: number | null
  readonly similarityToDegree: number | null
}

/** What is shown of all lesions together. */
export interface GroupFindings {
  /** Why there is no overlap of networks: maps on different grids, say, a clause; undefined where there is one. */
  readonly noOverlapBecause?: string | undefined
  /** Share of lesions with t at or above τ, or at or below -τ. */
  readonly networkOverlap: ReadonlyArray<OverlapFindings>
  /** How many lesions hold a voxel. */
  readonly lesionOverlap: OverlapFindings | undefined
  /** The connectome's degree, and its root mean square: below `tinyDegree` nothing is compared with it. */
  readonly degree:
    | {
        readonly slices: ReadonlyArray<SlicePicture>
        readonly rms: number
        readonly tiny: boolean
        readonly scale?: ColourScale
      }
    | undefined
  /** The seed-to-seed matrix as a picture, with the names of its rows, and |r| at full colour. */
  readonly seedMatrix:
    | { readonly png: Uint8Array; readonly names: ReadonlyArray<string>; readonly limit?: number }
    | undefined
}

export interface OverlapFindings {
  readonly title: string
  /** Largest count over voxels, of how many lesions. */
  readonly most: number
  readonly of: number
  readonly voxelsAtMost: number
  /** In the middle of the largest cluster of those voxels; undefined where no lesion counts anywhere. */
  readonly peakMm: readonly [number, number, number] | undefined
  /** Three slices through that voxel, then those that all lesions of the grid have. */
  readonly slices: ReadonlyArray<SlicePicture>
  /** Colours of counts, from the least that has one to full colour. */
  readonly colours?: { readonly from: number; readonly to: number; readonly colours: ReadonlyArray<string> }
}

/** How many lesions have t at or above τ, or at or below -τ, in each voxel: what the files of the overlap are made of. */
export interface OverlapMap {
  /** Above 0. */
  readonly tau: number
  readonly sign: 1 | -1
  readonly of: number
  readonly grid: Grid
  /** Template space of the maps. */
  readonly space: string
  /** Shape: (voxels of the grid). */
  readonly counts: Int32Array
}

/** All that was made of the maps. */
export interface Findings {
  readonly lesions: ReadonlyArray<LesionFindings>
  readonly group: GroupFindings
  /** What the slices lie over, in words: the mask of the brain, or the file that was given. */
  readonly background: string
  /** What the report could not show, and why: a sentence each. */
  readonly notes: ReadonlyArray<string>
  /** Empty where there is no overlap; left out of a report's page. */
  readonly overlapMaps?: ReadonlyArray<OverlapMap>
}
