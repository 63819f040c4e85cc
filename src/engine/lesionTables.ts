/**
 * The lesions of a pass as the kernels read them: the voxels of each with their weights, and the voxel panels that some lesion
 * touches.
 */

import { type SeedRegion, totalWeight, weightsOf } from "../elements/SeedRegion.ts"
import { PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { LesionTables } from "./EngineTask.ts"
import { type EngineLayout, tablePlaces } from "./engineLayout.ts"

/** Writes the tables to their place in the engine's memory. */
export const writeLesionTables = (
  regions: ReadonlyArray<SeedRegion>,
  buffer: SharedArrayBuffer,
  layout: EngineLayout
): LesionTables => {
  const panels = touchedPanels(regions)
  const lesions = regions.length
  const lesionVoxels = regions.reduce((sum, { voxels }) => sum + voxels.length, 0)
  const take = tablePlaces(layout)
  const tables: LesionTables = {
    scales: take(lesions * Float64Array.BYTES_PER_ELEMENT),
    ends: take((lesions + 1) * Int32Array.BYTES_PER_ELEMENT),
    voxels: take(lesionVoxels * Int32Array.BYTES_PER_ELEMENT),
    weights: take(lesionVoxels * Float32Array.BYTES_PER_ELEMENT),
    panels: take(panels.length * Int32Array.BYTES_PER_ELEMENT),
    panelCount: panels.length
  }
  const scales = new Float64Array(buffer, tables.scales, lesions)
  const ends = new Int32Array(buffer, tables.ends, lesions + 1)
  const voxels = new Int32Array(buffer, tables.voxels, lesionVoxels)
  const weights = new Float32Array(buffer, tables.weights, lesionVoxels)
  new Int32Array(buffer, tables.panels, panels.length).set(panels)
  ends[0] = 0
  for (const [lesion, region] of regions.entries()) {
    scales[lesion] = 1 / totalWeight(region)
    voxels.set(region.voxels, ends[lesion]!)
    weights.set(weightsOf(region), ends[lesion]!)
    ends[lesion + 1] = ends[lesion]! + region.voxels.length
  }
  return tables
}

/** Panels with a voxel of some region, ascending. */
export const touchedPanels = (regions: ReadonlyArray<SeedRegion>): Int32Array => {
  const panels = new Set<number>()
  for (const { voxels } of regions) for (const voxel of voxels) panels.add(Math.floor(voxel / PANEL_VOXELS))
  return Int32Array.from(panels).sort()
}
