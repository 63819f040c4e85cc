/** How many voxel panels a task of a pass takes: whole tiles, so that every worker gets its share and no task lasts long. */
import { PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { Engine } from "./Engine.ts"
import { taskSeconds } from "./EngineSeeds.ts"

/** What a pass does with a chunk. */
export interface PassWork {
  readonly subjects: number
  readonly timePoints: number
  /** Voxel panels of the brain. */
  readonly panels: number
  /** Lesions as they are computed: whole blocks. */
  readonly lesions: number
  /** Functions of the user's over z. */
  readonly functions: number
}

/** What a core does in a second, roughly: multiply-adds of the product, time points packed, values that a function changes. */
const multiplyAddsPerSecond = 15e9
const packedPerSecond = 0.6e9
const mappedPerSecond = 0.3e9

/** Tasks that a worker gets at least, for a fair share. */
const tasksPerWorker = 4

/** Voxel panels of a task. */
export const panelsOfTask = (
  { workers, layout: { tilePanels } }: Pick<Engine["Service"], "workers" | "layout">,
  { subjects, timePoints, panels, lesions, functions }: PassWork
): number => {
  const values = subjects * PANEL_VOXELS
  const correlations = values * lesions
  const seconds =
    (values * timePoints) / packedPerSecond +
    (correlations * timePoints) / multiplyAddsPerSecond +
    (correlations * functions) / mappedPerSecond
  const share = Math.ceil(panels / (tasksPerWorker * workers))
  const wanted = Math.min(share, Math.max(1, Math.floor(taskSeconds / seconds)))
  return Math.max(1, Math.floor(wanted / tilePanels)) * tilePanels
}
