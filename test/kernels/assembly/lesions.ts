/** Lesions for the tests of kernels, and the tables by which kernels are told of them. */
import { PANEL_VOXELS } from "../../../src/kernels/WasmKernels.ts"
import type { Workbench } from "./workbench.ts"

export type Lesion = ReadonlyArray<{ readonly voxel: number; readonly weight: number }>

/** Without weights. */
export const lesionOf = (...voxels: ReadonlyArray<number>): Lesion => voxels.map((voxel) => ({ voxel, weight: 1 }))

/** Writes the tables of the lesions, and of the panels that they touch. */
export const placeTables = (bench: Workbench, lesions: ReadonlyArray<Lesion>) => {
  const all = lesions.flat()
  const panels = [...new Set(all.map(({ voxel }) => Math.floor(voxel / PANEL_VOXELS)))].sort((a, b) => a - b)
  const [voxels, weights] = [all.map(({ voxel }) => voxel), all.map(({ weight }) => weight)]
  const scales = lesions.map((lesion) => 1 / lesion.reduce((sum, { weight }) => sum + Math.fround(weight), 0))
  let end = 0
  return {
    panels: bench.int32(panels.length, panels),
    panelCount: panels.length,
    voxels: bench.int32(voxels.length, voxels),
    weights: bench.float32(weights.length, weights),
    ends: bench.int32(lesions.length + 1, [0, ...lesions.map(({ length }) => (end += length))]),
    scales: bench.float64(lesions.length, scales)
  }
}

/** Each of voxels drawn at random, few or many. */
export const someLesions = (
  random: () => number,
  count: number,
  voxels: number,
  weighted: boolean
): ReadonlyArray<Lesion> =>
  Array.from({ length: count }, () => {
    const density = random()
    const chosen = Array.from({ length: voxels }, (_, voxel) => voxel).filter(() => random() < density)
    const inside = chosen.length > 0 ? chosen : [Math.floor(random() * voxels)]
    return inside.map((voxel) => ({ voxel, weight: weighted ? Math.fround(0.1 + random()) : 1 }))
  })
