/**
 * Correlate, Fisher z and reduce of a range of voxel panels over the subjects of a chunk: what a worker runs.
 *
 * Voxels are packed a tile at a time, for all subjects of the chunk, into a scratch that stays in the cache. Then, for
 * each group of seed blocks and each panel, one subject follows the other, so that the sums of a panel are read and
 * written in the first-level cache, and from memory once a chunk instead of once a subject.
 * Results depend on neither tile, group, range nor chunk: the sums are exact.
 */
import { addDegree } from "./addDegree"
import { blocksOf, correlatePanels } from "./correlateAndReduce"
import { BLOCK, BLOCK_ROW, PANEL, PANEL_ROW, PRODUCT_BYTES, SUMS_ROW } from "./layout"
import { packVoxels } from "./packVoxels"

/** Seed blocks whose sums in one panel (6 KiB) stay in the first-level cache beside the panel and one block. */
const GROUP: i32 = 8

/**
 * Adds the subjects of a chunk to the sums of `panelCount` panels from `firstPanel` on.
 *
 * Shapes: raw float32 [subjects][T][V], seeds float32 [subjects][blocks][T][6], sums int64 [ceil(V / 8)][6·blocks][2][8]
 * (all panels; the range selects), invalid int32 [subjects], raised by the invalid voxels of each subject;
 * scratch 384 + subjects · tilePanels · T · 32 bytes. Where `degree` is not 0, int64 [ceil(V / 8)][8], the degree of each subject is added
 * to it, whose mean over voxels is in means float32 [subjects][T].
 * Cost: 96·T FLOP a panel, block and subject. Mutates `sums`, `invalid`, `degree` and `scratch`.
 */
export function fusedTile(
  raw: usize,
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
  const subjectBytes = (<usize>timePoints * <usize>voxels) << 2
  const panels = scratch + PRODUCT_BYTES
  const tileBytes = <usize>tilePanels * <usize>timePoints * PANEL_ROW
  const lastPanel = firstPanel + panelCount
  for (let p = firstPanel; p < lastPanel; p += tilePanels) {
    const count = min(tilePanels, lastPanel - p)
    const tileVoxels = min(count * PANEL, voxels - p * PANEL)
    for (let s: i32 = 0; s < subjects; s++) {
      const counter = invalid + ((<usize>s) << 2)
      const dead = packVoxels(
        raw + <usize>s * subjectBytes,
        timePoints,
        voxels,
        p * PANEL,
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

/** A packed tile of all subjects against all seed blocks, a group of blocks at a time. */
export function correlateTile(
  panels: usize,
  tileBytes: usize,
  subjects: i32,
  timePoints: i32,
  firstPanel: i32,
  count: i32,
  seeds: usize,
  lesions: i32,
  sums: usize,
  scratch: usize
): void {
  const panelBytes = <usize>timePoints * PANEL_ROW
  const blockBytes = <usize>timePoints * BLOCK_ROW
  const blockSums = <usize>BLOCK * SUMS_ROW
  const blocks = blocksOf(lesions)
  const panelSums = <usize>blocks * blockSums
  for (let g: i32 = 0; g < blocks; g += GROUP) {
    const group = min(GROUP * BLOCK, lesions - g * BLOCK)
    for (let p: i32 = 0; p < count; ) {
      const pair: bool = WIDE !== 0 && p + 1 < count
      const target = sums + (<usize>(firstPanel + p) * <usize>blocks + <usize>g) * blockSums
      for (let s: i32 = 0; s < subjects; s++) {
        const block = seeds + (<usize>s * <usize>blocks + <usize>g) * blockBytes
        const panel = panels + <usize>s * tileBytes + <usize>p * panelBytes
        correlatePanels(panel, panelBytes, pair, block, timePoints, group, target, panelSums, scratch)
      }
      p += pair ? 2 : 1
    }
  }
}
