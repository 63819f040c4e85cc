/** How contrasts are cut for workers, and the bytes that they hold; no bit of the results depends on it. */

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
const threadBytes = 40e6

/**
 * Bytes of a worker: residuals in float64 and what they are made from or go to, maps or panels, with variance groups the panels' squares too;
 * and as much again of a float32 for what is not given back at once.
 */
export const contrastWorkerBytes = (patients: number, permutations: number, unequal = false): number =>
  threadBytes + tileVoxels * patients * (8 + 4 + 4 + (unequal ? 4 : 0)) + 8 * permutations

/** Bytes that a contrast holds once: its orders, six maps, and what is sorted for the false discovery rate. */
export const contrastBytes = (voxels: number, permutations: number, patients: number): number =>
  permutations * (2 * patients + 8) + voxels * (6 * 8 + 8 + 8)

/** Beside that, where neighbours matter: statistics of a batch, a component tree, and the maps that are made of it. */
export const spatialWorkerBytes = (voxels: number): number => 4 * batchPermutations * tileVoxels + voxels * (28 + 24)

/** What neighbours, observed maps, p and maxima take once. */
export const spatialBytes = (voxels: number, permutations: number): number =>
  voxels * (24 + 24 + 24) + 24 * permutations

/** Fewest permutations whose maps must fit into memory together, and most bytes that they take. */
const fewestAtOnce = 12
const mostMapBytes = 2 ** 30

/** Bytes that the maps of permutations take at least. */
export const leastMapBytes = (voxels: number): number => 4 * voxels * fewestAtOnce

/** Bytes that the maps of permutations take where so many are spare. */
export const mapBytesOf = (voxels: number, permutations: number, spareBytes: number): number =>
  Math.max(leastMapBytes(voxels), Math.min(4 * voxels * permutations, spareBytes, mostMapBytes))

/** Permutations whose maps so many bytes hold: whole batches where they are more than one. */
export const permutationsAtOnce = (permutations: number, voxels: number, mapBytes: number): number => {
  const fitting = Math.min(permutations, Math.max(1, Math.floor(mapBytes / (4 * voxels))))
  return fitting < batchPermutations || fitting === permutations ? fitting : fitting - (fitting % batchPermutations)
}

/** Most maps that a worker takes at once: a few seconds of TFCE. */
const mostMapsOfTask = 32

/** Maps of a task: several tasks a worker, so that none waits long for the last. */
export const mapsOfTask = (maps: number, workers: number): number =>
  Math.max(1, Math.min(mostMapsOfTask, Math.ceil(maps / (4 * workers))))
