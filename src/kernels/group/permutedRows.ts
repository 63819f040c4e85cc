/**
 * The rows of a design in the order of permutations, as the WebAssembly kernels multiply them with panels of residuals.
 *
 * Shapes: rows float32 [ceil(permutations / 6)][K][patients][6], six permutations side by side, zeros where there are fewer; panels
 *   float32 [ceil(voxels / 8)][patients][8], zeros beyond the voxels.
 */
import { BLOCK_LESIONS, PANEL_VOXELS } from "../WasmKernels.ts"
import type { ContrastBasis } from "./contrastBasis.ts"
import { changingRows } from "./freedmanLane.ts"
import type { Permutations } from "./permutations.ts"
import type { ResidualTile } from "./residualMaps.ts"

/** Permutations side by side: they take the place of the lesions of a seed block. */
const side = BLOCK_LESIONS

/** Rows of the design that each permutation has products with. */
export const designRowsOf = (basis: ContrastBasis): number => changingRows(basis).length

/** Floats of the rows of so many permutations. */
export const permutedRowsLength = (patients: number, designRows: number, permutations: number): number =>
  Math.ceil(permutations / side) * side * designRows * patients

/** Packs permutations [first, first + count); mutates `rows`. */
export const packPermutedRows = (
  basis: ContrastBasis,
  permutations: Permutations,
  { first, count }: { readonly first: number; readonly count: number },
  rows: Float32Array
): void => {
  const { patients } = basis
  const design = changingRows(basis)
  const order = new Int32Array(patients)
  rows.fill(0, 0, permutedRowsLength(patients, design.length, count))
  for (let index = 0; index < count; index++) {
    permutations.write(first + index, order)
    const lane = index % side
    const block = ((index - lane) / side) * design.length
    for (const [k, row] of design.entries()) {
      const from = (block + k) * patients * side + lane
      for (let patient = 0; patient < patients; patient++) rows[from + patient * side] = row[order[patient]!]!
    }
  }
}

/** Floats of the panels of so many voxels. */
export const panelsLength = (patients: number, voxels: number): number =>
  Math.ceil(voxels / PANEL_VOXELS) * PANEL_VOXELS * patients

/** Packs the residuals of a tile; mutates `panels`. */
export const packResiduals = ({ voxels, residuals }: ResidualTile, patients: number, panels: Float32Array): void => {
  panels.fill(0, 0, panelsLength(patients, voxels))
  for (let voxel = 0; voxel < voxels; voxel++) {
    const lane = voxel % PANEL_VOXELS
    const panel = (voxel - lane) * patients + lane
    for (let patient = 0; patient < patients; patient++) {
      panels[panel + patient * PANEL_VOXELS] = residuals[voxel * patients + patient]!
    }
  }
}
