/**
 * The demo's six lesions: each a blob inside one network and one hemisphere, so that its map is known beforehand.
 *
 * Most are masks on the connectome's grid, cut to its brain mask. One is on the 1 mm grid, as lesions often are, and one
 * is a whole ball that reaches out of the brain mask, as lesions drawn by hand do; it still leaves out other networks.
 */
import type { Grid } from "../imaging/Grid.ts"
import { voxelsOf } from "../imaging/Grid.ts"
import { type DemoBrain, elementOf, grid1Mm, grid2Mm, sideOf, voxelMm, worldMm } from "./DemoBrain.ts"
import { type NetworkName, networkNames, type PointMm, type Side } from "./Network.ts"

export interface DemoLesion {
  /** BIDS participant label with its prefix: `sub-01`. */
  readonly participant: string
  readonly network: NetworkName
  readonly side: Side
  /** Near this place; the blob's centre is the network's voxel that is nearest to it. */
  readonly nearMm: PointMm
  readonly radiusMm: number
  readonly grid: Grid
  /** Whether the mask also holds voxels where the connectome has none. */
  readonly reachesOut: boolean
  readonly site: string
}

const inBrain2Mm = { grid: grid2Mm, reachesOut: false }

export const demoLesions: ReadonlyArray<DemoLesion> = [
  {
    participant: "sub-01",
    network: "Somatomotor",
    side: "left",
    nearMm: [-40, -24, 56],
    radiusMm: 12,
    ...inBrain2Mm,
    site: "hand area of the motor cortex"
  },
  {
    participant: "sub-02",
    network: "Visual",
    side: "right",
    nearMm: [12, -92, 4],
    radiusMm: 12,
    ...inBrain2Mm,
    site: "occipital pole"
  },
  {
    participant: "sub-03",
    network: "Default",
    side: "left",
    nearMm: [-46, -68, 34],
    radiusMm: 12,
    ...inBrain2Mm,
    site: "angular gyrus"
  },
  {
    participant: "sub-04",
    network: "Frontoparietal",
    side: "right",
    nearMm: [44, 36, 22],
    radiusMm: 11,
    ...inBrain2Mm,
    grid: grid1Mm,
    site: "dorsolateral prefrontal cortex"
  },
  {
    participant: "sub-05",
    network: "VentralAttention",
    side: "left",
    nearMm: [-38, 10, 0],
    radiusMm: 9,
    ...inBrain2Mm,
    site: "insula"
  },
  {
    participant: "sub-06",
    network: "DorsalAttention",
    side: "right",
    nearMm: [26, -62, 56],
    radiusMm: 9,
    grid: grid2Mm,
    reachesOut: true,
    site: "superior parietal lobule"
  }
]

const squareDistanceMm2 = (a: PointMm, b: PointMm): number =>
  (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2

/** Whether voxel `voxel` of the brain is in the lesion's network and hemisphere. */
const inTarget = (brain: DemoBrain, { network, side }: DemoLesion, voxel: number): boolean =>
  networkNames[brain.network[voxel]! - 1] === network && sideOf(brain, voxel) === side

const centreMm = (brain: DemoBrain, lesion: DemoLesion): PointMm => {
  let nearest: PointMm = lesion.nearMm
  let nearestMm2 = Number.POSITIVE_INFINITY
  for (let voxel = 0; voxel < brain.voxels; voxel++) {
    const placeMm = voxelMm(brain, voxel)
    const mm2 = squareDistanceMm2(placeMm, lesion.nearMm)
    if (mm2 < nearestMm2 && inTarget(brain, lesion, voxel)) {
      nearest = placeMm
      nearestMm2 = mm2
    }
  }
  return nearest
}

/** For each element of the brain's grid, whether a lesion may lie there. */
const allowedElements = (brain: DemoBrain, lesion: DemoLesion): Uint8Array => {
  const allowed = new Uint8Array(voxelsOf(brain.grid)).fill(lesion.reachesOut ? 1 : 0)
  for (let voxel = 0; voxel < brain.voxels; voxel++) {
    allowed[brain.gridIndex[voxel]!] = inTarget(brain, lesion, voxel) ? 1 : 0
  }
  return allowed
}

/** Element of the 2 mm grid that holds a place: the nearest voxel. The grid has no rotation. */
const elementAt = ({ affine, shape }: Grid, [x, y, z]: PointMm): number => {
  const index = (axis: number, mm: number): number => {
    const nearest = Math.round((mm - affine[4 * axis + 3]!) / affine[5 * axis]!)
    return Math.min(Math.max(nearest, 0), shape[axis]! - 1)
  }
  return elementOf(shape, index(0, x), index(1, y), index(2, z))
}

/** The lesion's mask: 1 in the lesion, 0 elsewhere. Shape: (voxels of the lesion's grid), first axis fastest. */
export const lesionMask = (brain: DemoBrain, lesion: DemoLesion): Uint8Array => {
  const { affine, shape } = lesion.grid
  const middleMm = centreMm(brain, lesion)
  const allowed = allowedElements(brain, lesion)
  const mask = new Uint8Array(voxelsOf(lesion.grid))
  for (let k = 0; k < shape[2]; k++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let i = 0; i < shape[0]; i++) {
        const placeMm = worldMm(affine, i, j, k)
        if (squareDistanceMm2(placeMm, middleMm) > lesion.radiusMm ** 2) continue
        mask[elementOf(shape, i, j, k)] = allowed[elementAt(brain.grid, placeMm)]!
      }
    }
  }
  return mask
}
