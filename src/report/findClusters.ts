/** The table of clusters of a map: the strongest, each with its peaks in mm and the parcels there. Free of Effect, for workers. */
import { voxelVolumeMm3 } from "../imaging/affine.ts"
import { furtherPeaks } from "../imaging/clusterPeaks.ts"
import { positionOf } from "../imaging/elementPlace.ts"
import { type ComponentMemory, type Components, findComponents } from "../kernels/connectedComponents.ts"
import type { Cluster } from "./ReportData.ts"
import type { Site } from "./ReportTask.ts"

/** Clusters that are listed. */
const mostListed = 20

/** Values of other maps at a cluster's peak. */
export interface ValuesAt {
  readonly t: Float32Array | undefined
  readonly z: Float32Array | undefined
  readonly r: Float32Array | undefined
}

export interface FoundClusters {
  readonly clusters: ReadonlyArray<Cluster>
  readonly clusterCount: number
}

/** Finds the clusters of the shown map; the memory holds their labels afterwards. */
export const findClusters = (
  shown: Float32Array,
  threshold: number,
  at: ValuesAt,
  site: Site,
  memory: ComponentMemory
): FoundClusters => {
  const { shape } = site.grid
  const components = findComponents(shown, shape, threshold, memory)
  const listed = strongest(shown, components)
  const wanted = new Uint8Array(components.count + 1)
  for (const cluster of listed) wanted[cluster] = 1
  const peaks = furtherPeaks(shown, wanted, site.grid, memory)
  const volume = voxelVolumeMm3(site.grid.affine)
  return {
    clusterCount: components.count,
    clusters: listed.map((cluster) => {
      const peak = components.peaks[cluster]!
      const voxels = components.sizes[cluster]!
      const { t, z, r } = at
      return {
        sign: shown[peak]! < 0 ? -1 : 1,
        voxels,
        volumeMm3: voxels * volume,
        peakMm: positionOf(site.grid, peak),
        t: t?.[peak] ?? null,
        r: r === undefined ? (z === undefined ? null : Math.tanh(z[peak]!)) : r[peak]!,
        z: z === undefined ? (r === undefined ? null : Math.atanh(r[peak]!)) : z[peak]!,
        furtherPeaks: peaks(cluster, peak).map((element) => ({
          positionMm: positionOf(site.grid, element),
          value: shown[element]!
        })),
        parcels: parcelsAt(peak, site)
      }
    })
  }
}

/** The clusters with the strongest peaks, the strongest first; of equal ones the first. */
const strongest = (shown: Float32Array, { count, peaks }: Components): ReadonlyArray<number> => {
  const strength = (cluster: number) => Math.abs(shown[peaks[cluster]!]!)
  const byStrength = (a: number, b: number) => strength(b) - strength(a) || a - b
  let best: Array<number> = []
  for (let cluster = 1; cluster <= count; cluster++) {
    if (best.length === mostListed && byStrength(cluster, best.at(-1)!) > 0) continue
    best = [...best, cluster].sort(byStrength).slice(0, mostListed)
  }
  return best
}

const parcelsAt = (element: number, { gridIndex, parcels }: Site): Cluster["parcels"] => {
  const voxel = positionIn(gridIndex, element)
  if (voxel === undefined) return []
  return parcels.flatMap(({ name, parcels: names, ofVoxel }) => {
    const parcel = ofVoxel[voxel]!
    return parcel === 0 ? [] : [{ parcellation: name, parcel: names[parcel - 1]! }]
  })
}

/** Where an ascending list holds a value; undefined where it does not. */
const positionIn = (list: Int32Array, value: number): number | undefined => {
  let [low, high] = [0, list.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    if (list[middle] === value) return middle
    if (list[middle]! < value) low = middle + 1
    else high = middle - 1
  }
  return undefined
}
