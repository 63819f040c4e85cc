/** How contrasts are cut for workers, and the bytes that a worker holds; no bit of the results depends on it. */

/** Voxels of a tile. */
export const tileVoxels = 4096

/** Permutations that a kernel call takes together. */
export const batchPermutations = 48

/** Permutations of a study with random labels: 10 of 200 orders are 5 % exactly. */
export const studyPermutations = 199

/** Bytes of the orders of the studies that are computed together. */
const studyTableBytes = 32e6

/** Studies with random labels that are computed together: the residuals are computed once for all of them. */
export const studiesAtOnce = (patients: number): number =>
  Math.max(1, Math.floor(studyTableBytes / (2 * (studyPermutations + 1) * patients)))

/** Permutations by which the maps of two cohorts are compared. */
export const comparedPermutations = 1_000

/** Voxels of a cohort, at most, that are read for a tile of a comparison. */
export const mostSpan = 2 * tileVoxels

/** What a worker thread holds beside its tile: its heap and compiled code. */
const threadBytes = 36e6

/** Bytes of a worker: maps, residuals in float64 and as panels, with variance groups the panels' squares too. */
export const contrastWorkerBytes = (patients: number, permutations: number): number =>
  threadBytes + tileVoxels * patients * (4 + 8 + 4 + 4) + 8 * permutations
