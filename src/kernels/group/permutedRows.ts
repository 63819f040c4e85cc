/**
 * The rows of a design in the order of permutations, as the WebAssembly kernels multiply them with panels of residuals.
 *
 * Shapes: rows float32 [ceil(permutations / 6)][K][patients][6], six permutations side by side, zeros where there are fewer; panels
 *   float32 [ceil(voxels / 8)][patients][8], zeros beyond the voxels.
 */
import { BLOCK_LESIONS, PANEL_VOXELS } from "../WasmKernels.ts"
import type { ContrastBasis } from "./contrastBasis.ts"
import { changingRows } from "./freedmanLane.ts"
import type { VarianceGroups } from "./gStatistic.ts"
import type { Permutations } from "./permutations.ts"
import type { ResidualTile } from "./residualMaps.ts"

/** Permutations side by side: they take the place of the lesions of a seed block. */
const side = BLOCK_LESIONS

/** The rows that the kernels have products with: those of the design that permutations change, and what G needs of the groups. */
export const kernelRows = (basis: ContrastBasis, groups?: VarianceGroups): ReadonlyArray<Float64Array> => {
  const rows = changingRows(basis)
  if (groups === undefined) return rows
  const { inSmaller } = groups
  return [...rows, ...rows.map((row) => row.map((value, i) => value * inSmaller[i]!)), inSmaller]
}

/** What G needs beside the rows, of the design's changing rows alone: S, then weight, d₁·λ and d₂·(1 - λ) of each term. */
export const gParameters = (basis: ContrastBasis, { shares, terms, degrees }: VarianceGroups): Float32Array => {
  // The effect comes first, and the nuisance rows that change last.
  const changing = [0, ...basis.nuisance.map((_, k) => k + 1)].filter((k) => k === 0 || k > basis.unchanged)
  return Float32Array.from([
    ...changing.flatMap((k) => changing.map((l) => shares[k]![l]!)),
    ...terms.flatMap(({ lambda, weight }) => [weight, degrees[0] * lambda, degrees[1] * (1 - lambda)])
  ])
}

/** Floats of the rows of so many permutations. */
export const permutedRowsLength = (patients: number, rows: number, permutations: number): number =>
  Math.ceil(permutations / side) * side * rows * patients

/** Packs rows in the orders of permutations [first, first + count); mutates `packed`. */
export const packPermutedRows = (
  rows: ReadonlyArray<Float64Array>,
  permutations: Permutations,
  { first, count }: { readonly first: number; readonly count: number },
  packed: Float32Array
): void => {
  const patients = rows[0]!.length
  const order = new Int32Array(patients)
  packed.fill(0, 0, permutedRowsLength(patients, rows.length, count))
  for (let index = 0; index < count; index++) {
    permutations.write(first + index, order)
    const lane = index % side
    const block = ((index - lane) / side) * rows.length
    for (const [k, row] of rows.entries()) {
      const from = (block + k) * patients * side + lane
      for (let patient = 0; patient < patients; patient++) packed[from + patient * side] = row[order[patient]!]!
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
