/**
 * Correlates each voxel of a lesion with the lesion's own seed, in panels that are still as a store holds them, as `lesionVoxels` says.
 *
 * The scale of a voxel (sd, step) cancels in its correlation, so the stored numbers are taken as they are; an invalid voxel is
 * stored as zeros, and gives 0.
 */
import { PANEL_ROW } from "./layout"
import { beginLesions, correlateGroup, endOfGroup, GROUP, reachesGroup } from "./lesionVoxels"
import { STORED_ROW } from "./transposePanel"
import { unpackSeries } from "./unpackSeries"

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: source int16 (integers 1) or float32 [panels][≥ T][8], `panelBytes` apart; the rest as for `correlateLesionVoxels`. Mutates
 * `row`, `scratch`, and `series` of these lesions.
 */
export function storedLesionVoxels(
  source: usize,
  panelBytes: i32,
  integers: i32,
  timePoints: i32,
  panels: usize,
  panelCount: i32,
  voxels: usize,
  ends: usize,
  series: usize,
  firstLesion: i32,
  lesions: i32,
  row: usize,
  scratch: usize
): void {
  const lastPanel = panels + ((<usize>panelCount) << 2)
  const last = firstLesion + lesions
  beginLesions(firstLesion, last, ends, series, timePoints, scratch)
  for (let panel = panels; panel < lastPanel; ) {
    const end = endOfGroup(panel, lastPanel)
    const group = load<i32>(panel) / GROUP
    if (reachesGroup(group, firstLesion, last, voxels, ends, timePoints, scratch)) {
      for (; panel < end; panel += 4) {
        const number = load<i32>(panel)
        const from = source + <usize>number * <usize>panelBytes
        if (integers) unpackSeries<i16>(from, STORED_ROW, timePoints, false, number, scratch)
        else unpackSeries<f32>(from, PANEL_ROW, timePoints, false, number, scratch)
      }
      correlateGroup(group, firstLesion, last, voxels, ends, series, timePoints, row, scratch)
    }
    panel = end
  }
}
