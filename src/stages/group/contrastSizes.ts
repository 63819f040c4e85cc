/** How contrasts are cut for workers, and the bytes that they hold; no bit of the results depends on it. */
import { formingP } from "../../kernels/group/groupPolicy.ts"

/** Voxels of a tile. */
export const tileVoxels = 4096

/** Permutations that a kernel call takes together. */
export const batchPermutations = 48

/** What a worker thread holds beside its tile: its heap and compiled code. */
export const threadBytes = 30e6

/**
 * Bytes of a worker: residuals in float64 and what they are made from or go to, maps or panels, with variance groups the panels' squares too;
 * and as much again of a float32 for what is not given back at once.
 */
export const contrastWorkerBytes = (patients: number, permutations: number, unequal = false): number =>
  threadBytes + tileVoxels * patients * (8 + 4 + 4 + (unequal ? 4 : 0)) + 8 * permutations

/** Bytes that a contrast holds once: its orders, six maps, and what is sorted for the false discovery rate. */
export const contrastBytes = (voxels: number, permutations: number, patients: number): number =>
  permutations * (2 * patients + 8) + voxels * (6 * 8 + 8 + 8)

/**
 * Beside that, where neighbours matter: the kernels' memory once more with statistics of a batch, a component tree, the maps that are made of
 * it, and a permutation's map.
 */
export const spatialWorkerBytes = (voxels: number, patients: number): number =>
  4 * tileVoxels * (batchPermutations + patients) + voxels * (28 + 24 + 4)

/** What neighbours, observed maps, p and maxima take once. */
export const spatialBytes = (voxels: number, permutations: number): number =>
  voxels * (24 + 24 + 24) + 24 * permutations

/** Bytes that the maps of permutations may take at most, and for each voxel at least. */
const mostMapBytes = 2 ** 30
const leastBytesOfVoxel = 48

/** Share of the voxels that are beyond the threshold of clusters, generously: by chance `formingP` of them are. */
const strongShare = 4 * formingP

/** Bytes of a permutation's map: whole for TFCE, otherwise its strong voxels as tiles have them and once more together. */
const mapBytesOfOne = (voxels: number, tfce: boolean): number => voxels * (tfce ? 4 : 2 * 8 * strongShare)

/** Bytes that the maps of permutations take at least. */
export const leastMapBytes = (voxels: number): number => leastBytesOfVoxel * voxels

/** Bytes that the maps of all permutations take. */
export const wholeMapBytes = (voxels: number, permutations: number, tfce: boolean): number =>
  permutations * mapBytesOfOne(voxels, tfce)

/** Bytes that maps may take, of so many for all permutations, where so many are spare. */
export const mapBytesOf = (voxels: number, wholeBytes: number, spareBytes: number): number =>
  Math.max(leastMapBytes(voxels), Math.min(wholeBytes, spareBytes, mostMapBytes))

/** Permutations whose maps so many bytes hold: whole batches where they are more than one. */
export const permutationsAtOnce = (permutations: number, voxels: number, tfce: boolean, mapBytes: number): number => {
  const fitting = Math.min(permutations, Math.max(1, Math.floor(mapBytes / mapBytesOfOne(voxels, tfce))))
  return fitting < batchPermutations || fitting === permutations ? fitting : fitting - (fitting % batchPermutations)
}

/** Most maps that a worker takes at once: a second or two of TFCE, a tenth of one without. */
const mostMapsOfTask = (tfce: boolean): number => (tfce ? 32 : 256)

/** Maps of a task: several tasks a worker, so that none waits long for the last. */
export const mapsOfTask = (maps: number, workers: number, tfce: boolean): number =>
  Math.max(1, Math.min(mostMapsOfTask(tfce), Math.ceil(maps / (4 * workers))))
