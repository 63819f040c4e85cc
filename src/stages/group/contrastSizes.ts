/** How contrasts are cut for workers, and the bytes that a worker holds; no bit of the results depends on it. */

/** Voxels of a tile. */
export const tileVoxels = 4096

/** Permutations that a kernel call takes together. */
export const batchPermutations = 48

/** What a worker thread holds beside its tile: its heap and compiled code. */
const threadBytes = 36e6

/** Bytes of a worker: maps, residuals in float64 and as panels, with variance groups the panels' squares too. */
export const contrastWorkerBytes = (patients: number, permutations: number): number =>
  threadBytes + tileVoxels * patients * (4 + 8 + 4 + 4) + 8 * permutations
