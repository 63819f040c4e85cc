/**
 * Correlate, Fisher z and reduce of a range of voxel panels of a store, over the subjects of a chunk: `fusedTile` for time
 * series that are standardised and in panels already.
 *
 * Panels are unpacked a tile at a time into a scratch that stays in the cache; what follows is the same as for raw time
 * series, with the same independence of tile, group and range.
 */
import { addDegree } from "./addDegree"
import { correlateTile } from "./fusedTile"
import { PANEL, PANEL_ROW, PRODUCT_BYTES } from "./layout"
import { unpackStored } from "./unpackStored"

/**
 * Adds the subjects of a chunk to the sums of `panelCount` panels from `firstPanel` on.
 *
 * Shapes: source, `subjectBytes` a subject, has its panels at the start, int16 or float32 [ceil(V / 8)][≥ T][8], `panelBytes`
 * apart, and at `sd` and `step` bytes from there float32 [8 · ceil(V / 8)]; step 0: the panels are float32. Seeds, sums,
 * invalid, scratch, means and degree as for `fusedTile`. Mutates `sums`, `invalid`, `degree` and `scratch`.
 */
export function storedTile(
  source: usize,
  subjectBytes: i32,
  panelBytes: i32,
  sd: i32,
  step: i32,
  subjects: i32,
  timePoints: i32,
  voxels: i32,
  firstPanel: i32,
  panelCount: i32,
  tilePanels: i32,
  seeds: usize,
  lesions: i32,
  sums: usize,
  invalid: usize,
  scratch: usize,
  means: usize,
  degree: usize
): void {
  const panels = scratch + PRODUCT_BYTES
  const tileBytes = <usize>tilePanels * <usize>timePoints * PANEL_ROW
  const lastPanel = firstPanel + panelCount
  for (let p = firstPanel; p < lastPanel; p += tilePanels) {
    const count = min(tilePanels, lastPanel - p)
    const tileVoxels = min(count * PANEL, voxels - p * PANEL)
    const ofVoxels = (<usize>p) << 5
    for (let s: i32 = 0; s < subjects; s++) {
      const subject = source + <usize>s * <usize>subjectBytes
      const counter = invalid + ((<usize>s) << 2)
      const dead = unpackStored(
        subject + <usize>p * <usize>panelBytes,
        panelBytes,
        timePoints,
        subject + <usize>sd + ofVoxels,
        step ? subject + <usize>step + ofVoxels : 0,
        count,
        tileVoxels,
        panels + <usize>s * tileBytes
      )
      store<i32>(counter, load<i32>(counter) + dead)
      if (degree !== 0) {
        const mean = means + ((<usize>s * <usize>timePoints) << 2)
        addDegree(panels + <usize>s * tileBytes, count, timePoints, mean, degree + ((<usize>p) << 6), scratch)
      }
    }
    correlateTile(panels, tileBytes, subjects, timePoints, p, count, seeds, lesions, sums, scratch)
  }
}
