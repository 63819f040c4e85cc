/**
 * Voxel panels of standardised time series as 16-bit integers, each voxel scaled to its own largest value.
 *
 * Shapes: `panels` and `into` [panels][time points][8]; `step` (panels × 8).
 *
 * Formula: q = round(x̂ · 32767 / max|x̂|), and the step such that q · step has variance 1 exactly: 1 / sd of q. Voxels
 *   without variance have q 0 and step 0.
 *
 * Numerics: the sums over q are of integers and exact. What is lost of a value is at most half a step, max|x̂| / 65534.
 */
import { PANEL_VOXELS } from "./WasmKernels.ts"

export const largestInteger = 32767

/**
 * @param timePoints of the store, between the panels' rows
 * @param own of the subject: the first so many hold its time series
 */
export const quantisePanels = (
  standard: Float32Array,
  { panels, timePoints, own }: { readonly panels: number; readonly timePoints: number; readonly own: number },
  into: Int16Array,
  step: Float32Array
): void => {
  into.fill(0, 0, panels * timePoints * PANEL_VOXELS)
  for (let panel = 0; panel < panels; panel++) {
    for (let j = 0; j < PANEL_VOXELS; j++) {
      const first = panel * timePoints * PANEL_VOXELS + j
      step[panel * PANEL_VOXELS + j] = quantiseVoxel(standard, first, first + own * PANEL_VOXELS, own, into)
    }
  }
}

/** @returns the step */
const quantiseVoxel = (standard: Float32Array, first: number, end: number, own: number, into: Int16Array): number => {
  let largest = 0
  for (let i = first; i < end; i += PANEL_VOXELS) {
    const size = Math.abs(standard[i]!)
    if (size > largest) largest = size
  }
  if (largest === 0) return 0
  const scale = largestInteger / largest
  let sum = 0
  let sumOfSquares = 0
  for (let i = first; i < end; i += PANEL_VOXELS) {
    const integer = Math.floor(standard[i]! * scale + 0.5)
    into[i] = integer
    sum += integer
    sumOfSquares += integer * integer
  }
  return 1 / Math.sqrt((sumOfSquares - (sum * sum) / own) / own)
}
