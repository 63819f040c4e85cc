/**
 * Makes plain sums of those that the WebAssembly kernels have added up, which hold `roundingBits` besides, once a subject.
 *
 * Shapes: `values` (panels, rows, 2, 8), of which the first `lesions` rows of the panels firstPanel … lastPanel - 1 change.
 * Formula: values -= subjects · roundingBits, modulo 2⁶⁴
 * Cost: about 1 ns a sum. Mutates: `values`.
 */
import { roundingBits } from "./fixedPoint.ts"
import { PANEL_VOXELS } from "./WasmKernels.ts"

export const takeOffRounding = (
  values: BigInt64Array,
  rows: number,
  lesions: number,
  firstPanel: number,
  lastPanel: number,
  subjects: number
): void => {
  const added = BigInt.asIntN(64, BigInt(subjects) * roundingBits)
  const rowValues = 2 * PANEL_VOXELS
  for (let panel = firstPanel; panel < lastPanel; panel++) {
    const from = panel * rows * rowValues
    const to = from + lesions * rowValues
    for (let i = from; i < to; i++) values[i]! -= added
  }
}
