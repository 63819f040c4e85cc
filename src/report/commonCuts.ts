/** Slices that all lesions have, as shares of the way through the brain: from left to right, back to front, below to above. */
import type { Direction } from "./ReportData.ts"

export const commonCuts: ReadonlyArray<readonly [Direction, number]> = [
  ["sagittal", 0.3],
  ["sagittal", 0.7],
  ["coronal", 0.4],
  ["axial", 0.3],
  ["axial", 0.45],
  ["axial", 0.6],
  ["axial", 0.75]
]
