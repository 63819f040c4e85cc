/**
 * Voxel panels of standardised time series as 16-bit integers, each voxel scaled to its own largest value.
 *
 * Formula: q = round(x̂ · 32767 / max|x̂|), and the step such that q · step has variance 1 exactly: 1 / sd of q. Voxels
 *   without variance have q 0 and step 0.
 *
 * Numerics: halves are rounded up. The sums over q are of integers and exact. What is lost of a value is at most half a step,
 *   max|x̂| / 65534.
 */
import type { BuildConstants } from "./differingConstants.ts"
import { makePanelMemory } from "./PanelKernels.ts"
import { PANEL_VOXELS } from "./WasmKernels.ts"

/** A place where panels are quantised, and what was written there. */
export interface QuantisedPanels {
  /** Shape: [panels][time points][8]. */
  readonly integers: Int16Array
  /** Shape: [panels][8]. */
  readonly step: Float32Array
  /** Quantises standardised panels, [panels][time points][8], and writes them from panel `from` on. */
  readonly quantise: (standard: Float32Array, from: number, own: number) => void
}

/**
 * @param most panels that there is place for
 * @param timePoints between the panels; the first `own` of them hold a subject's time series
 * @param format what the build must have been compiled with for the format that the panels are written in
 */
export const makeQuantisedPanels = (most: number, timePoints: number, format: BuildConstants = {}): QuantisedPanels => {
  const voxels = most * PANEL_VOXELS
  const { kernels, memory, at } = makePanelMemory(
    {
      integers: 2 * voxels * timePoints,
      step: 4 * voxels,
      standard: 4 * voxels * timePoints
    },
    format
  )
  const input = new Float32Array(memory, at.standard, voxels * timePoints)
  return {
    integers: new Int16Array(memory, at.integers, voxels * timePoints),
    step: new Float32Array(memory, at.step, voxels),
    quantise: (standard, from, own) => {
      const first = from * PANEL_VOXELS
      const panels = standard.length / (timePoints * PANEL_VOXELS)
      input.set(standard)
      const integers = at.integers + 2 * first * timePoints
      kernels.quantisePanels(at.standard, timePoints, own, panels, integers, at.step + 4 * first)
    }
  }
}
