/**
 * What the report of a group's analysis shows, as plain data: what was read from the files of its output folder, and pictures of its maps.
 * A part whose files are not there is undefined, and is not shown. Made by `analyseGroup.ts`, drawn as a page by `groupReportPage.ts`.
 */
import type { Manifest } from "../../output/Manifest.ts"
import type { SlicePicture } from "../ReportData.ts"
import type { GroupTable } from "./groupTable.ts"

/** Of a statistic, its unit and how its values become colours. */
export interface MapScale {
  readonly statistic: string
  readonly threshold: number
  readonly limit: number
  readonly positive: ReadonlyArray<string>
  readonly negative: ReadonlyArray<string>
}

/** Slices of a map, the first three through its strongest voxel. */
export interface MapPictures {
  readonly scale: MapScale
  readonly peakMm: readonly [number, number, number] | undefined
  readonly peak: number
  readonly peakSlices: ReadonlyArray<SlicePicture>
  readonly commonSlices: ReadonlyArray<SlicePicture>
}

/** Counts of patients or shares of them: one row of colours. */
export interface CountPictures {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly colours: ReadonlyArray<string>
  readonly slices: ReadonlyArray<SlicePicture>
}

/** How a contrast was made, as the sidecars of its maps say. */
export interface ContrastDesign {
  readonly effect: string
  readonly groups: ReadonlyArray<{ readonly name: string; readonly patients: number }>
  readonly covariates: ReadonlyArray<string>
  readonly blocks: string | undefined
  readonly ranks: boolean
  readonly patients: number
  readonly degreesOfFreedom: number
  readonly permutations: number
  readonly allPermutations: boolean
}

/** What a p is corrected by. */
export type Correction = "voxel" | "tfce" | "extent" | "mass" | "fdr"

/** A map of corrected p: its least value, and the voxels below 0.05 by the sign of the statistic. */
export interface Inference {
  readonly by: Correction
  readonly least: number
  readonly positive: number
  readonly negative: number
}

/** The largest value of each permutation. */
export interface Maxima {
  readonly of: string
  readonly values: ReadonlyArray<number>
  /** Of the data as they are; undefined where its map is not there. */
  readonly observed: number | undefined
  /** What a voxel or cluster must exceed for a corrected p below 0.05; undefined: nothing could. */
  readonly needed: number | undefined
}

/** A column of the design, as it was entered. */
export interface DesignColumn {
  readonly name: string
  readonly least: number
  readonly mean: number
  readonly largest: number
  /** Correlation with the effect, the first column; undefined where a column is constant. */
  readonly withEffect: number | undefined
}

export interface DesignMatrix {
  readonly patients: number
  readonly columns: ReadonlyArray<DesignColumn>
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

export interface ContrastFindings {
  readonly name: string
  /** t, or g where variances were taken as unequal. */
  readonly statistic: "t" | "g"
  readonly design: ContrastDesign
  readonly matrix: DesignMatrix | undefined
  /** Of the statistic, with lines around the voxels of a corrected p below 0.05, voxel by voxel. */
  readonly pictures: MapPictures
  /** The same with lines by other rules, where they have their maps. */
  readonly outlinedBy: ReadonlyArray<{ readonly title: string; readonly slices: ReadonlyArray<SlicePicture> }>
  readonly voxelMl: number
  readonly inferences: ReadonlyArray<Inference>
  readonly clusters: GroupTable | undefined
  readonly maxima: ReadonlyArray<Maxima>
}

export interface OverlapSweep {
  readonly levels: GroupTable
  readonly clusters: GroupTable | undefined
  /** At the level that the config names. */
  readonly pictures: ReadonlyArray<CountPictures>
}

/** A patient's score and how like the map is to the model. */
export interface PredictedPatient {
  readonly patient: string
  readonly score: number
  /** Mean over repeats. */
  readonly similarity: number
}

/** A value of a prediction, by the keys that lead to it: "Spearman", "Alone lesion_volume". */
export interface ReadOut {
  readonly name: string
  readonly value: number
  readonly p: number | undefined
  /** What was taken out of it. */
  readonly given: ReadonlyArray<string>
}

export interface PredictionFindings {
  /** Column of participants that was predicted. */
  readonly of: string | undefined
  readonly patients: ReadonlyArray<PredictedPatient>
  readonly folds: number
  readonly repeats: number
  /** The values of `prediction.json` with their p. */
  readonly readouts: ReadonlyArray<ReadOut>
  /** Which p are one-tailed, in words; undefined where that is not said. */
  readonly tails: string | undefined
  /** Of the scores permuted: the columns of `prediction_nulldist.tsv`. */
  readonly permuted: ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<number> }>
}

export interface DiagnosisFindings {
  /** Correlation and Dice of each map with the degree and with components of the patients' maps. */
  readonly comparisons: GroupTable | undefined
  /** What the diagnosis says in words; empty where it says nothing. */
  readonly sentences: ReadonlyArray<string>
  /** The mean of the patients' maps. */
  readonly mean: MapPictures | undefined
  readonly components: ReadonlyArray<{ readonly title: string; readonly pictures: MapPictures }>
  readonly centrality: GroupTable | undefined
  readonly simulation: GroupTable | undefined
  readonly compared: GroupTable | undefined
}

export interface CohortFindings {
  readonly patients: GroupTable | undefined
  /** How many patients have a value in a voxel; voxels that all have, and that any has. */
  readonly coverage: (CountPictures & { readonly ofAll: number; readonly ofAny: number }) | undefined
}

export interface ReportedGroup {
  /** Without the report itself among its outputs. */
  readonly manifest: Manifest
  readonly space: string
  readonly contrasts: ReadonlyArray<ContrastFindings>
  readonly overlap: OverlapSweep | undefined
  /** Of the overlap with each contrast; its voxels are outlined in the contrast's pictures. */
  readonly conjunction: GroupTable | undefined
  readonly prediction: PredictionFindings | undefined
  readonly model: MapPictures | undefined
  /** Of a cohort that a saved model was applied to. */
  readonly scored: GroupTable | undefined
  readonly diagnosis: DiagnosisFindings | undefined
  readonly cohort: CohortFindings
  /** What slices lie over, in words. */
  readonly background: string
  /** What could not be shown, and why, a sentence each. */
  readonly notes: ReadonlyArray<string>
}
