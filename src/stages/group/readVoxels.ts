/** Single voxels of the maps, such as those of a lesion. Free of Effect, for workers. */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { type CohortSource, readTile } from "./CohortSource.ts"
import { tileVoxels } from "./contrastSizes.ts"

/**
 * The values of patients, by their rows, in voxels that ascend: of each tile what lies from the first to the last of them is read.
 *
 * Shape: (patients, voxels).
 */
export const readVoxels = (source: CohortSource, patients: Int32Array, voxels: Int32Array): Float32Array => {
  const count = voxels.length
  const maps = new Float32Array(patients.length * count)
  for (let from = 0; from < count; ) {
    const tile = Math.floor(voxels[from]! / tileVoxels)
    let end = from + 1
    while (end < count && Math.floor(voxels[end]! / tileVoxels) === tile) end++
    const firstVoxel = voxels[from]!
    const own = voxels[end - 1]! - firstVoxel + 1
    const read = readTile(source, patients, { firstVoxel, voxels: own })
    for (let n = 0; n < patients.length; n++) {
      for (let v = from; v < end; v++) maps[n * count + v] = read[n * own + voxels[v]! - firstVoxel]!
    }
    releaseMemory(read)
    from = end
  }
  return maps
}
