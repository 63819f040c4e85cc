/**
 * Correlates each voxel of a lesion with the lesion's own seed, in raw time series, as `lesionVoxels` says.
 */
import { PANEL_ROW } from "./layout"
import { beginLesions, correlateGroup, endOfGroup, GROUP, reachesGroup } from "./lesionVoxels"
import { unpackSeries } from "./unpackSeries"

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: source float32 [T][V]; panels, voxels and ends as for `lesionMeans`; series float64 [all lesions][T]; row int32 [voxels of all
 * lesions]; scratch `LESION_VOXELS_BYTES` + 256 · T + 4 · lesions bytes. Mutates `row`, `scratch`, and `series` of these lesions.
 */
export function correlateLesionVoxels(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
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
  const rowBytes = (<usize>rowVoxels) << 2
  const last = firstLesion + lesions
  beginLesions(firstLesion, last, ends, series, timePoints, scratch)
  for (let panel = panels; panel < lastPanel; ) {
    const end = endOfGroup(panel, lastPanel)
    const group = load<i32>(panel) / GROUP
    if (reachesGroup(group, firstLesion, last, voxels, ends, timePoints, scratch)) {
      for (; panel < end; panel += 4) {
        const number = load<i32>(panel)
        unpackSeries<f32>(source + <usize>number * PANEL_ROW, rowBytes, timePoints, true, number, scratch)
      }
      correlateGroup(group, firstLesion, last, voxels, ends, series, timePoints, row, scratch)
    }
    panel = end
  }
}
