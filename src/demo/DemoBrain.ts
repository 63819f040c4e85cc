/**
 * The demo's brain on its grid: which voxels there are, the network and the side of each, and how bright each is.
 *
 * The grid is the 2 mm one of MNI152NLin6Asym as FSL lays it out, x from right to left. Voxels come in the order of
 * `numpy.nonzero` (k fastest), which is what tools that write HDF5 connectomes use.
 */
import { type Affine, type Grid, type Shape, voxelsOf } from "../imaging/Grid.ts"
import { greyMatter } from "./greyMatter.ts"
import { networkAt, type PointMm, type Side } from "./Network.ts"
import { Xoshiro128 } from "./Xoshiro128.ts"

/** BIDS label of the template that the demo's grid belongs to. */
export const demoSpace = "MNI152NLin6Asym"

/** The grid of FSL's MNI152_T1_2mm. */
export const grid2Mm: Grid = { shape: [91, 109, 91], affine: [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1] }

/** The grid of FSL's MNI152_T1_1mm. */
export const grid1Mm: Grid = {
  shape: [182, 218, 182],
  affine: [-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1, -72, 0, 0, 0, 1]
}

export interface DemoBrain {
  readonly grid: Grid
  readonly voxels: number
  /** Shape: (3, voxels). Indices i, then j, then k. */
  readonly maskIndices: Int32Array
  /** Shape: (voxels). Element of the grid's volume (first axis fastest) that each voxel is. */
  readonly gridIndex: Int32Array
  /** Shape: (voxels). Number of the voxel's network, 1 to 7. */
  readonly network: Uint8Array
  /** Shape: (voxels). 0 in the left hemisphere, 1 in the right one. */
  readonly right: Uint8Array
  /** Shape: (voxels). Mean of the raw BOLD signal, scanner units. */
  readonly meanSignal: Float32Array
}

/** World coordinates of a voxel centre, mm. */
export const worldMm = (affine: Affine, i: number, j: number, k: number): PointMm => [
  affine[0]! * i + affine[1]! * j + affine[2]! * k + affine[3]!,
  affine[4]! * i + affine[5]! * j + affine[6]! * k + affine[7]!,
  affine[8]! * i + affine[9]! * j + affine[10]! * k + affine[11]!
]

/** Element of a grid's volume, first axis fastest, that voxel (i, j, k) is. */
export const elementOf = ([nx, ny]: Shape, i: number, j: number, k: number): number => i + nx * (j + ny * k)

export const sideOf = (brain: DemoBrain, voxel: number): Side => (brain.right[voxel] === 1 ? "right" : "left")

/** World coordinates of a voxel of the brain, mm. */
export const voxelMm = ({ grid, maskIndices, voxels }: DemoBrain, voxel: number): PointMm =>
  worldMm(grid.affine, maskIndices[voxel]!, maskIndices[voxels + voxel]!, maskIndices[2 * voxels + voxel]!)

/** Brightness of grey matter in the middle of the brain and how much it grows outwards (coil), scanner units. */
const centreSignal = 7000
const signalPerMm = 25

/** Spread of brightness from voxel to voxel, scanner units. */
const signalSpread = 700

const listVoxels = ({ affine, shape }: Grid): ReadonlyArray<PointMm> => {
  const found: Array<PointMm> = []
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) if (greyMatter(worldMm(affine, i, j, k))) found.push([i, j, k])
    }
  }
  return found
}

/** The demo's brain. The seed sets the voxels' brightness; their places are always the same. */
export const makeDemoBrain = (seed: number): DemoBrain => {
  const indices = listVoxels(grid2Mm)
  const voxels = indices.length
  const brain = {
    grid: grid2Mm,
    voxels,
    maskIndices: new Int32Array(3 * voxels),
    gridIndex: new Int32Array(voxels),
    network: new Uint8Array(voxels),
    right: new Uint8Array(voxels),
    meanSignal: new Float32Array(voxels)
  }
  new Xoshiro128(seed, 0).fillGaussian(brain.meanSignal)
  for (const [voxel, [i, j, k]] of indices.entries()) {
    const placeMm = worldMm(grid2Mm.affine, i, j, k)
    brain.maskIndices[voxel] = i
    brain.maskIndices[voxels + voxel] = j
    brain.maskIndices[2 * voxels + voxel] = k
    brain.gridIndex[voxel] = elementOf(grid2Mm.shape, i, j, k)
    brain.network[voxel] = networkAt(placeMm)
    brain.right[voxel] = placeMm[0] > 0 ? 1 : 0
    brain.meanSignal[voxel] =
      centreSignal + signalPerMm * Math.hypot(...placeMm) + signalSpread * brain.meanSignal[voxel]!
  }
  return brain
}

/** A volume on the brain's grid that holds `values` (voxels) inside the mask and 0 outside. */
export const volumeOf = ({ grid, gridIndex }: DemoBrain, values: Uint8Array): Uint8Array => {
  const volume = new Uint8Array(voxelsOf(grid))
  for (let voxel = 0; voxel < gridIndex.length; voxel++) volume[gridIndex[voxel]!] = values[voxel]!
  return volume
}
