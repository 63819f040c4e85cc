/** A range of voxels of a prediction's model: the partial correlation of score and map over all patients. Free of Effect, for workers. */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import { observedEffect, residualTile } from "../../kernels/group/residualMaps.ts"
import { readTile, type VoxelRange } from "./CohortSource.ts"
import type { GroupStart } from "./GroupStart.ts"

export interface ModelTask extends VoxelRange {
  readonly kind: "model"
  readonly writesNothing: true
  readonly basis: ContrastBasis
  /** The patients that take part, by their row of the maps. */
  readonly kept: Int32Array
}

export interface ModelDone {
  /** Shape: (voxels). */
  readonly correlation: Float64Array
}

export const modelTile = (task: ModelTask, { source }: GroupStart): ModelDone => {
  const { basis, kept, voxels } = task
  const maps = readTile(source, kept, task)
  const tile = residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels })
  const correlation = new Float64Array(voxels)
  observedEffect(basis, tile, { beta: new Float64Array(voxels), correlation })
  releaseMemory(maps, tile.residuals)
  return { correlation }
}
