/**
 * Writes the demo's ground truth for the eye: a label volume of the seven networks, and the table of its labels.
 */
import { Effect } from "effect"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../imaging/nifti/writeNifti.ts"
import { type DemoBrain, demoSpace, volumeOf } from "./DemoBrain.ts"
import type { DemoNotWritten } from "./DemoNotWritten.ts"
import { networkNames } from "./Network.ts"
import { writeBytes } from "./writeDemoFile.ts"
import { tsv } from "./writeLesions.ts"

/** Voxels of network `label` in each hemisphere. */
const countSides = ({ network, right, voxels }: DemoBrain, label: number): { left: number; right: number } => {
  const count = { left: 0, right: 0 }
  for (let voxel = 0; voxel < voxels; voxel++) {
    if (network[voxel] === label) count[right[voxel] === 1 ? "right" : "left"] += 1
  }
  return count
}

/** Writes the label volume `volume` (1 to 7, 0 outside) and its table `table`; columns as BIDS has them in `dseg.tsv`. */
export const writeNetworks = Effect.fnUntraced(function* (
  brain: DemoBrain,
  volume: string,
  table: string
): Effect.fn.Return<void, DemoNotWritten> {
  const values = volumeOf(brain, brain.network)
  const bytes = encodeNifti({ grid: brain.grid, space: demoSpace, values, description: "lnm demo: networks" })
  yield* writeBytes(volume, yield* gzipNifti(bytes))
  const rows = networkNames.map((name, index) => {
    const count = countSides(brain, index + 1)
    return [index + 1, name, count.left, count.right]
  })
  yield* writeBytes(table, tsv([["index", "name", "voxels_left", "voxels_right"], ...rows]))
})
