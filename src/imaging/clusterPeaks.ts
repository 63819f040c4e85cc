/** The further peaks of a volume's clusters, as tables of clusters list them beside the strongest one. Free of Effect, for workers. */
import type { ComponentMemory } from "../kernels/connectedComponents.ts"
import { localMaxima, peaksApart } from "../kernels/localMaxima.ts"
import { positionOf } from "./elementPlace.ts"
import type { Grid } from "./Grid.ts"

/** Further peaks that are listed of a cluster, and how far apart they are at least: as SPM's tables have it. */
const mostFurther = 3
const apartMm = 8

/**
 * Elements of the further peaks of clusters that are wanted, by a cluster's number and its strongest element; the strongest first.
 *
 * Shapes: `shown` (voxels of the grid), whose clusters `findComponents` has labelled in the memory; `wanted` (clusters + 1).
 *
 * Memory: the local maxima lie where the memory had the labels' parents.
 */
export const furtherPeaks = (
  shown: Float32Array,
  wanted: Uint8Array,
  grid: Grid,
  { labels, parents }: ComponentMemory
): ((cluster: number, peak: number) => ReadonlyArray<number>) => {
  const maxima = parents.subarray(0, localMaxima(shown, labels, grid.shape, wanted, parents))
  return (cluster, peak) => {
    const elements = maxima.filter((element) => labels[element] === cluster || labels[element] === -cluster)
    const positions = new Float64Array(3 * elements.length)
    const strengths = new Float64Array(elements.length)
    for (let n = 0; n < elements.length; n++) {
      positions.set(positionOf(grid, elements[n]!), 3 * n)
      strengths[n] = Math.abs(shown[elements[n]!]!)
    }
    return peaksApart(strengths, positions, positionOf(grid, peak), apartMm, mostFurther).map((n) => elements[n]!)
  }
}
