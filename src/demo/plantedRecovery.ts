/** How well a contrast over the demo's cohort finds the network that the symptom comes from. */
import { plantedNetwork } from "./DemoCohort.ts"
import { networkNames } from "./Network.ts"

export interface Recovery {
  /** Voxels of the network. */
  readonly planted: number
  /** Voxels where patients with the symptom have significantly higher values. */
  readonly found: number
  readonly both: number
  /** Twice the voxels that are both, over all of the two: 1 where they are the same. */
  readonly dice: number
}

/** Corrected p below which a voxel counts as found. */
const alpha = 0.05

/** Shapes: (voxels of the grid): labels of the demo's networks, a contrast's statistic, and its corrected p. */
export const recoveryOf = (
  networks: ArrayLike<number>,
  statistic: ArrayLike<number>,
  correctedP: ArrayLike<number>
): Recovery => {
  const label = networkNames.indexOf(plantedNetwork) + 1
  let [planted, found, both] = [0, 0, 0]
  for (let element = 0; element < networks.length; element++) {
    const isPlanted = networks[element] === label
    const isFound = correctedP[element]! < alpha && statistic[element]! > 0
    if (isPlanted) planted++
    if (isFound) found++
    if (isPlanted && isFound) both++
  }
  return { planted, found, both, dice: (2 * both) / (planted + found) }
}
