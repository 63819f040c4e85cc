/**
 * About how long a group's analysis will take: operations that its size tells, at the speed of one core of an AMD EPYC of 2023. It is an
 * estimate, for choosing permutations and machine; another processor may take twice as long or half.
 */
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { isFloat32Enough } from "../../src/kernels/group/groupPolicy.ts"
import { kernelRows } from "../../src/kernels/group/permutedRows.ts"
import type { SpatialKind } from "../../src/stages/group/ContrastParts.ts"
import type { GroupDesign } from "../../src/stages/group/groupDesign.ts"
import { foldsPerTask } from "../../src/stages/group/predictTile.ts"
import type { Cohort } from "../../src/stages/group/readCohort.ts"
import type { PlannedPrediction } from "./planPrediction.ts"

/** Measured with bench/group/speed.ts, enhancement.ts, prediction.ts and command.ts; all but the first of a processor core. */
const seconds = {
  /** Starting, checking headers, and the manifest. */
  start: 2,
  /** Inflating and decoding a voxel of a map's grid. */
  gridVoxel: 25e-9,
  /** A product of a permutation: in a row of the design, of a patient, in a voxel. */
  product: 0.02e-9,
  productInFloat64: 3e-9,
  /** Taking a column of the design out of a patient's value. */
  residual: 6e-9,
  /** TFCE of a voxel in one permutation, and finding clusters. */
  enhanced: 240e-9,
  clustered: 2e-9,
  /** Two patients' product in a voxel, for one fold of a prediction, and in the figure of a permutation. */
  gram: 0.02e-9,
  quadratic: 1e-9,
  /** Compressing and writing a voxel of the grid of one map. */
  written: 60e-9
}

/** Maps of a contrast that are written. */
const mapsWritten = 6

export interface ContrastWork {
  readonly design: GroupDesign
  readonly permutations: number
  /** What is computed of whole maps of every permutation. */
  readonly spatial: SpatialKind
}

/** Seconds until all maps are read, with so many workers. */
export const readingSeconds = ({ maps, grid }: Cohort, workers: number): number =>
  (maps.flat().length * voxelsOf(grid) * seconds.gridVoxel) / workers

/** Seconds of a contrast over so many voxels. */
export const contrastSeconds = (
  { design, permutations, spatial }: ContrastWork,
  { grid }: Cohort,
  voxels: number,
  workers: number
): number => {
  const { basis, variance } = design
  const isFast = isFloat32Enough(basis, variance?.degrees)
  const products = kernelRows(basis, variance).length * basis.patients * permutations
  const residuals = (basis.nuisance.length + 1) * basis.patients * seconds.residual
  const eachPermutation = { nothing: 0, clusters: seconds.clustered, tfce: seconds.enhanced }[spatial]
  // Where neighbours matter, permutations are computed once more, and the order as it is by itself.
  const isSpatial = spatial !== "nothing"
  const times = isSpatial ? 2 : 1
  const ofVoxel =
    (isSpatial ? 3 : 1) * residuals +
    times * products * (isFast ? seconds.product : seconds.productInFloat64) +
    permutations * eachPermutation
  return (voxels * ofVoxel) / workers + mapsWritten * voxelsOf(grid) * seconds.written
}

/** Seconds of a prediction over so many voxels. */
export const predictionSeconds = (
  { design, permutations, folds, lesionVoxels }: PlannedPrediction,
  voxels: number,
  workers: number
): number => {
  const { patients, nuisance } = design.basis
  const held = folds.reduce((sum, fold) => sum + fold.held.length, 0)
  const tasks = Math.ceil(folds.length / foldsPerTask(patients))
  const residuals = (tasks * voxels + (held / patients) * lesionVoxels) * patients * (nuisance.length + 1)
  const grams = folds.length * patients ** 2 * voxels
  const figures = held * (1 + permutations.count) * patients ** 2
  return (residuals * seconds.residual + grams * seconds.gram + figures * seconds.quadratic) / workers
}

/** Seconds that are spent whatever is computed. */
export const startSeconds = seconds.start
