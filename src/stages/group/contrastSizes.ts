/** How contrasts are cut for workers, and the bytes that a worker holds; no bit of the results depends on it. */

/** Voxels of a tile. */
export const tileVoxels = 4096

/** Permutations that a kernel call takes together. */
export const batchPermutations = 48

/** What a worker thread holds beside its tile: its heap and compiled code. */
const threadBytes = 30e6

/**
 * Bytes of a worker: residuals in float64 and what they are made from or go to, maps or panels, with variance groups the panels' squares too;
 * and as much again of a float32 for what is not given back at once.
 */
export const contrastWorkerBytes = (patients: number, permutations: number, unequal = false): number =>
  threadBytes + tileVoxels * patients * (8 + 4 + 4 + (unequal ? 4 : 0)) + 8 * permutations

/** Bytes that a contrast holds once: its orders, six maps, and what is sorted for the false discovery rate. */
export const contrastBytes = (voxels: number, permutations: number, patients: number): number =>
  permutations * (2 * patients + 8) + voxels * (6 * 8 + 8 + 8)
