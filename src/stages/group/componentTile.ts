/** Principal components of the patients' maps from their Gram matrix, and a tile of the components' maps. Free of Effect, for workers. */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { type Component, componentMaps, leadingComponents } from "../../kernels/group/leadingComponents.ts"
import { readTile, type VoxelRange } from "./CohortSource.ts"
import type { GroupStart } from "./GroupStart.ts"
import { allRows } from "./gramTile.ts"

export interface ComponentsTask {
  readonly kind: "components"
  readonly writesNothing: true
  /** Shape: (patients, patients), symmetric. */
  readonly gram: Float64Array
  readonly patients: number
  readonly count: number
}

export interface ComponentMapsTask extends VoxelRange {
  readonly kind: "component maps"
  readonly writesNothing: true
  readonly components: ReadonlyArray<Component>
  readonly patients: number
}

export const findComponents = ({ gram, patients, count }: ComponentsTask): ReadonlyArray<Component> =>
  leadingComponents(gram, patients, count)

/** Shapes: (components), each (voxels). */
export const componentTile = (task: ComponentMapsTask, { source }: GroupStart): ReadonlyArray<Float64Array> => {
  const values = readTile(source, allRows(task.patients), task)
  const maps = componentMaps(values, task.voxels, task.components)
  releaseMemory(values)
  return maps
}
