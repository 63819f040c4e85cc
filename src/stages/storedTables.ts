/** The lesions of a pass as the seed kernel of a store reads them: the voxel panels that each touches, with 8 weights a panel. */

import { PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { StoredTables } from "../runtime/EngineTask.ts"
import type { EngineLayout } from "../runtime/engineLayout.ts"
import { type SeedRegion, totalWeight, weightsOf } from "./Seed.ts"

/** Writes the tables to their place in the engine's memory. */
export const writeStoredTables = (
  regions: ReadonlyArray<SeedRegion>,
  buffer: SharedArrayBuffer,
  layout: EngineLayout
): StoredTables => {
  const panels = regions.map(({ voxels }) => panelsOf(voxels))
  const entries = panels.reduce((sum, ofLesion) => sum + ofLesion.length, 0)
  const lesions = regions.length
  let end = layout.tables
  const take = (bytes: number): number => {
    const start = end
    end += Math.ceil(bytes / 16) * 16
    return start
  }
  const tables: StoredTables = {
    scales: take(lesions * Float64Array.BYTES_PER_ELEMENT),
    weights: take(entries * PANEL_VOXELS * Float32Array.BYTES_PER_ELEMENT),
    members: take(entries * Int32Array.BYTES_PER_ELEMENT),
    ends: take((lesions + 1) * Int32Array.BYTES_PER_ELEMENT)
  }
  const scales = new Float64Array(buffer, tables.scales, lesions)
  const weights = new Float32Array(buffer, tables.weights, entries * PANEL_VOXELS).fill(0)
  const members = new Int32Array(buffer, tables.members, entries)
  const ends = new Int32Array(buffer, tables.ends, lesions + 1)
  let entry = 0
  for (const [lesion, region] of regions.entries()) {
    const ofVoxels = weightsOf(region)
    scales[lesion] = 1 / totalWeight(region)
    ends[lesion] = entry
    for (const panel of panels[lesion]!) members[entry++] = panel
    let at = ends[lesion]!
    for (const [position, voxel] of region.voxels.entries()) {
      while (members[at] !== Math.floor(voxel / PANEL_VOXELS)) at++
      weights[at * PANEL_VOXELS + (voxel % PANEL_VOXELS)] = ofVoxels[position]!
    }
  }
  ends[lesions] = entry
  return tables
}

/** Panels of ascending voxels, each once. */
const panelsOf = (voxels: Int32Array): ReadonlyArray<number> => {
  const panels: Array<number> = []
  for (const voxel of voxels) {
    const panel = Math.floor(voxel / PANEL_VOXELS)
    if (panels.at(-1) !== panel) panels.push(panel)
  }
  return panels
}
