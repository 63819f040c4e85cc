/**
 * Draws a sphere or a point as a mask in memory, which from there on is placed as a mask that was read from a file.
 *
 * A sphere is all voxels whose centres lie at most its radius from its centre. A point, and a sphere so small that it holds no voxel's centre,
 * is a single voxel around its centre, of which the nearest voxel of the brain mask is taken. Pure; in mm.
 */
import { apply, invert, type Point } from "../../imaging/affine.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import type { LesionMask } from "../readLesionMask.ts"
import type { PlaceSeed } from "./Seed.ts"

/** How far beyond the radius a voxel's centre still counts as in a sphere, in mm: headers hold affines as float32. */
const toleranceMm = 1e-4

/** The voxels of an endless grid from one index on, as a grid of its own. */
const gridFrom = ({ affine }: Grid, first: Point, shape: Grid["shape"]): Grid => {
  const origin = apply(affine, ...first)
  return { shape, affine: affine.map((value, at) => (at % 4 === 3 && at < 12 ? origin[(at - 3) / 4]! : value)) }
}

/** The voxels that a sphere spans, and more around it by at most one voxel. Beyond the grid they go on. */
const boxAround = (grid: Grid, centreMm: Point, radiusMm: number): { readonly box: Grid; readonly first: Point } => {
  const toIndex = invert(grid.affine)
  const middle = apply(toIndex, ...centreMm)
  const reach = [0, 4, 8].map((row) => radiusMm * Math.hypot(toIndex[row]!, toIndex[row + 1]!, toIndex[row + 2]!))
  const first = middle.map((index, axis) => Math.floor(index - reach[axis]!)) as unknown as Point
  const shape = middle.map((index, axis) => Math.ceil(index + reach[axis]!) - first[axis]! + 1) as unknown as Point
  return { box: gridFrom(grid, first, shape), first }
}

/** The sphere's voxels in a box, whose first voxel has the index `first` on the grid. */
const insideSphere = (grid: Grid, { box, first }: ReturnType<typeof boxAround>, centreMm: Point, radiusMm: number) => {
  const [nx, ny] = box.shape
  const mostMm2 = (radiusMm + toleranceMm) ** 2
  const elements: Array<number> = []
  for (let element = 0; element < voxelsOf(box); element++) {
    const row = Math.floor(element / nx)
    const [i, j, k] = [element % nx, row % ny, Math.floor(row / ny)]
    const [x, y, z] = apply(grid.affine, first[0] + i, first[1] + j, first[2] + k)
    const mm2 = (x - centreMm[0]) ** 2 + (y - centreMm[1]) ** 2 + (z - centreMm[2]) ** 2
    if (mm2 <= mostMm2) elements.push(element)
  }
  return Int32Array.from(elements)
}

const maskOf = (file: string, grid: Grid, elements: Int32Array): LesionMask => ({
  mask: { header: { file, grid }, elements },
  values: { distinct: [{ value: 1, voxels: elements.length }] },
  empty: undefined,
  warnings: []
})

/**
 * The mask of a seed, on voxels of a grid that goes on beyond its edges.
 *
 * @param file what messages call the seed
 */
export const drawSeed = (file: string, seed: PlaceSeed, grid: Grid): LesionMask => {
  const { centreMm } = seed
  if (seed.kind === "sphere") {
    const around = boxAround(grid, centreMm, seed.radiusMm)
    const elements = insideSphere(grid, around, centreMm, seed.radiusMm)
    if (elements.length > 0) return maskOf(file, around.box, elements)
  }
  const around = gridFrom(grid, apply(invert(grid.affine), ...centreMm), [1, 1, 1])
  return {
    ...maskOf(file, around, Int32Array.of(0)),
    place: seed.kind === "point" ? "point" : "small sphere"
  }
}
