/** Share of the voxels beyond the threshold that lie in each network of a parcellation. Free of Effect, for workers. */
import type { NetworkShare } from "./ReportData.ts"
import type { SiteParcels } from "./ReportTask.ts"

/**
 * The networks of every parcellation whose parcels name some, in their order there; 0 where no voxel is beyond the threshold.
 *
 * Shapes: `labels` (voxels of the grid), above 0 in a positive cluster and below in a negative one; `gridIndex` (voxels of the mask).
 */
export const networkShares = (
  labels: Int32Array,
  gridIndex: Int32Array,
  parcellations: ReadonlyArray<SiteParcels>
): ReadonlyArray<NetworkShare> => parcellations.flatMap((parcels) => sharesOf(labels, gridIndex, parcels))

const sharesOf = (
  labels: Int32Array,
  gridIndex: Int32Array,
  { name, networks, networkOf, ofVoxel }: SiteParcels
): ReadonlyArray<NetworkShare> => {
  if (networks.length === 0) return []
  // The last is for voxels in no network.
  const positive = new Int32Array(networks.length + 1)
  const negative = new Int32Array(networks.length + 1)
  for (let v = 0; v < gridIndex.length; v++) {
    const label = labels[gridIndex[v]!]!
    if (label === 0) continue
    const parcel = ofVoxel[v]!
    const network = parcel === 0 ? -1 : networkOf[parcel - 1]!
    const counts = label > 0 ? positive : negative
    counts[network < 0 ? networks.length : network]!++
  }
  const share = (counts: Int32Array, network: number) => {
    const all = counts.reduce((sum, count) => sum + count, 0)
    return all === 0 ? 0 : counts[network]! / all
  }
  return networks.map((network, n) => ({
    parcellation: name,
    network,
    positive: share(positive, n),
    negative: share(negative, n)
  }))
}
