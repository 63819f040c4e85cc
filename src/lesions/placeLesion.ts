/**
 * Puts a lesion's voxels onto the connectome's: by nearest neighbour, and where that gives nothing because the lesion falls between
 * the centres of larger voxels, onto the nearest voxels of the brain mask.
 *
 * From the file's grid to the brain mask's voxels; says how much of the lesion lies in the mask. Files, values and weights are not
 * its business.
 */
import { apply, invert, multiply, type Point, voxelSizeMm } from "../imaging/affine.ts"
import { type Grid, sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { maskOntoGrid } from "../imaging/maskOntoGrid.ts"
import type { Mask } from "../imaging/readMask.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { nearestPositions } from "./lesionWeights.ts"

/** What a lesion is put onto; a `Connectome` is one. */
export interface LesionTarget {
  readonly grid: Grid
  /** Shape: (voxels). Element of the grid's volume that each voxel of the brain mask is. */
  readonly gridIndex: Int32Array
  /** BIDS space label, where it is known. */
  readonly space: string | undefined
}

/** What a mask of one voxel stands for: a point, or a sphere too small to hold a voxel's centre. */
export type Place = "point" | "small sphere"

export interface PlacedLesion {
  /** Shape: (mask voxels), ascending. Which of the connectome's voxels are lesion. */
  readonly voxels: Int32Array
  /** For each of them the position, among the mask's elements, of the lesion voxel that it comes from. */
  readonly positions: () => Int32Array
  /** Elements of the connectome's grid that are lesion, brain or not, ascending. */
  readonly elements: Int32Array
  /** Share of the lesion that lies within the connectome's grid. */
  readonly shareInGrid: number
  /** How far the nearest voxels are away, where the lesion falls between voxels; undefined where it does not. */
  readonly betweenVoxelsMm: number | undefined
  /** How far the nearest voxel of the brain mask is from a point that lies in no voxel of it; undefined of any other lesion. */
  readonly besideMm?: number | undefined
}

/** Which of the brain mask's voxels are among elements of the grid. */
const insideBrain = (elements: Int32Array, { grid, gridIndex }: LesionTarget): Int32Array => {
  const lesioned = new Uint8Array(voxelsOf(grid))
  for (let n = 0; n < elements.length; n++) lesioned[elements[n]!] = 1
  const voxels: Array<number> = []
  for (let voxel = 0; voxel < gridIndex.length; voxel++) if (lesioned[gridIndex[voxel]!] === 1) voxels.push(voxel)
  releaseMemory(lesioned)
  return Int32Array.from(voxels)
}

/** Visits, for each lesion voxel, where its centre lies in fractional indices of the target. */
const visitPlaces = (
  elements: Int32Array,
  source: Grid,
  target: Grid,
  visit: (position: number, x: number, y: number, z: number) => void
): void => {
  const toTarget = multiply(invert(target.affine), source.affine)
  const [nx, ny] = source.shape
  for (let n = 0; n < elements.length; n++) {
    const i = elements[n]! % nx
    const row = (elements[n]! - i) / nx
    const j = row % ny
    visit(n, ...apply(toTarget, i, j, (row - j) / ny))
  }
}

/** Share of the lesion voxels whose centre lies within the target's outermost voxels. */
const shareLesionVoxels = (elements: Int32Array, source: Grid, target: Grid): number => {
  if (sameGrid(source, target)) return 1
  const isWithin = (place: number, size: number) => place >= -0.5 && place <= size - 0.5
  let within = 0
  visitPlaces(elements, source, target, (_, x, y, z) => {
    if (isWithin(x, target.shape[0]) && isWithin(y, target.shape[1]) && isWithin(z, target.shape[2])) within++
  })
  return within / elements.length
}

/** A voxel of the brain mask, the lesion voxel that is nearest to it, and their distance. */
interface NearVoxel {
  readonly voxel: number
  readonly position: number
  readonly distanceMm: number
}

/** The indices along an axis that lie within a reach of a place. */
const indicesAround = (place: number, reach: number, size: number): ReadonlyArray<number> => {
  const first = Math.max(0, Math.ceil(place - reach))
  const last = Math.min(size - 1, Math.floor(place + reach))
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n)
}

/** Length of a step over a grid, in mm. */
const offsetMm = ({ affine }: Grid, [dx, dy, dz]: Point): number =>
  Math.hypot(...[0, 4, 8].map((row) => affine[row]! * dx + affine[row + 1]! * dy + affine[row + 2]! * dz))

/** The nearest voxel of the brain mask to each lesion voxel, where one lies within the diagonal of a voxel; each once. */
const nearestInBrain = (elements: Int32Array, source: Grid, { grid, gridIndex }: LesionTarget) => {
  const { affine, shape } = grid
  const diagonalMm = Math.hypot(...voxelSizeMm(affine))
  const inverse = invert(affine)
  const reach = [0, 4, 8].map((row) => diagonalMm * Math.hypot(inverse[row]!, inverse[row + 1]!, inverse[row + 2]!))
  const voxelAt = new Map(Array.from(gridIndex, (element, voxel) => [element, voxel]))
  const found = new Map<number, NearVoxel>()
  visitPlaces(elements, source, grid, (position, x, y, z) => {
    let nearest: NearVoxel | undefined
    for (const k of indicesAround(z, reach[2]!, shape[2])) {
      for (const j of indicesAround(y, reach[1]!, shape[1])) {
        for (const i of indicesAround(x, reach[0]!, shape[0])) {
          const voxel = voxelAt.get(i + shape[0] * (j + shape[1] * k))
          if (voxel === undefined) continue
          const distanceMm = offsetMm(grid, [i - x, j - y, k - z])
          if (distanceMm <= (nearest?.distanceMm ?? diagonalMm)) nearest = { voxel, position, distanceMm }
        }
      }
    }
    if (nearest === undefined) return
    if (nearest.distanceMm < (found.get(nearest.voxel)?.distanceMm ?? Number.POSITIVE_INFINITY)) {
      found.set(nearest.voxel, nearest)
    }
  })
  return [...found.values()].sort((a, b) => a.voxel - b.voxel)
}

/**
 * Puts the voxels of a mask onto a connectome's.
 *
 * @param place what the mask's only voxel stands for; undefined: the mask is what it covers
 *
 * Memory: 1 byte a voxel of both grids; where positions are asked for 4 bytes a voxel of the mask's.
 */
export const placeLesion = (mask: Mask, target: LesionTarget, place?: Place): PlacedLesion => {
  const { elements, header } = mask
  const source = header.grid
  const onGrid = maskOntoGrid(elements, source, target.grid)
  const shareInGrid = shareLesionVoxels(elements, source, target.grid)
  if ((place === undefined && onGrid.length > 0) || shareInGrid === 0) {
    const voxels = insideBrain(onGrid, target)
    const positions = () =>
      nearestPositions(
        mask,
        target.grid,
        voxels.map((voxel) => target.gridIndex[voxel]!)
      )
    return { voxels, positions, elements: onGrid, shareInGrid, betweenVoxelsMm: undefined }
  }
  const near = nearestInBrain(elements, source, target)
  return {
    voxels: Int32Array.from(near, ({ voxel }) => voxel),
    positions: () => Int32Array.from(near, ({ position }) => position),
    elements: Int32Array.from(near, ({ voxel }) => target.gridIndex[voxel]!).sort(),
    shareInGrid,
    ...distancesOf(near, mask, target, place)
  }
}

/** Distances that differ by less are the same, in mm: of a point between two voxels either may be taken. */
const sameDistanceMm = 1e-3

/** What there is to warn of, where the nearest voxels were taken. */
const distancesOf = (
  near: ReadonlyArray<NearVoxel>,
  { elements, header }: Mask,
  { grid }: LesionTarget,
  place: Place | undefined
): Pick<PlacedLesion, "betweenVoxelsMm" | "besideMm"> => {
  const mostMm = near.length === 0 ? undefined : Math.max(...near.map(({ distanceMm }) => distanceMm))
  if (place !== "point" || mostMm === undefined) return { betweenVoxelsMm: mostMm }
  let ownMm = 0
  visitPlaces(elements, header.grid, grid, (_, ...point) => {
    ownMm = offsetMm(grid, point.map((index) => Math.round(index) - index) as unknown as Point)
  })
  return { betweenVoxelsMm: undefined, besideMm: mostMm > ownMm + sameDistanceMm ? mostMm : undefined }
}
