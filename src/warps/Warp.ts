/**
 * A warp between two template spaces: affine maps and displacement fields, applied to points one after the other.
 *
 * Takes points of the space that an image is brought to, and gives the points of the space that it comes from (inverse mapping).
 * All coordinates are RAS+ mm. Pure; `readItkTransform` reads one from a file.
 *
 * Source: ITK's CompositeTransform and DisplacementFieldTransform, https://itk.org/ItkSoftwareGuide.pdf
 */
import { invert, type Point } from "../imaging/affine.ts"
import { type Box, boxAround } from "../imaging/elementsNear.ts"
import type { Affine, Grid } from "../imaging/Grid.ts"

export interface AffineStep {
  readonly kind: "affine"
  readonly matrix: Affine
}

export interface DisplacementStep {
  readonly kind: "displacement"
  readonly grid: Grid
  /** Shape: (voxels of the grid, 3), first axis of the grid fastest. In mm. */
  readonly displacements: Float32Array
  /** The least and the largest displacement along x, y and z, 0 among them: beyond the field nothing moves. */
  readonly extremes: BoxMm
}

/** In the order in which they are applied. */
export type Warp = ReadonlyArray<AffineStep | DisplacementStep>

/** The least and the largest coordinate along x, y and z. */
export type BoxMm = Box

const applyAffine = (m: Affine, points: Float64Array): void => {
  for (let n = 0; n < points.length; n += 3) {
    const [x, y, z] = [points[n]!, points[n + 1]!, points[n + 2]!]
    points[n] = m[0]! * x + m[1]! * y + m[2]! * z + m[3]!
    points[n + 1] = m[4]! * x + m[5]! * y + m[6]! * z + m[7]!
    points[n + 2] = m[8]! * x + m[9]! * y + m[10]! * z + m[11]!
  }
}

/** Adds the field's trilinear value to each point; beyond half a voxel around the field's grid a point stays where it is, as in ITK. */
const displace = ({ grid, displacements }: DisplacementStep, points: Float64Array): void => {
  const m = invert(grid.affine)
  const [nx, ny, nz] = grid.shape
  for (let n = 0; n < points.length; n += 3) {
    const [px, py, pz] = [points[n]!, points[n + 1]!, points[n + 2]!]
    const x = m[0]! * px + m[1]! * py + m[2]! * pz + m[3]!
    const y = m[4]! * px + m[5]! * py + m[6]! * pz + m[7]!
    const z = m[8]! * px + m[9]! * py + m[10]! * pz + m[11]!
    if (!(x >= -0.5 && x < nx - 0.5 && y >= -0.5 && y < ny - 0.5 && z >= -0.5 && z < nz - 0.5)) continue
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)]
    for (let corner = 0; corner < 8; corner++) {
      const [di, dj, dk] = [corner & 1, (corner >> 1) & 1, corner >> 2]
      const weight = (di ? x - i : 1 - x + i) * (dj ? y - j : 1 - y + j) * (dk ? z - k : 1 - z + k)
      if (weight === 0) continue
      // In the outer half voxel the field has the value of its border.
      const ci = Math.min(Math.max(i + di, 0), nx - 1)
      const cj = Math.min(Math.max(j + dj, 0), ny - 1)
      const ck = Math.min(Math.max(k + dk, 0), nz - 1)
      const at = 3 * (ci + nx * (cj + ny * ck))
      points[n] = points[n]! + weight * displacements[at]!
      points[n + 1] = points[n + 1]! + weight * displacements[at + 1]!
      points[n + 2] = points[n + 2]! + weight * displacements[at + 2]!
    }
  }
}

/**
 * Maps points in place.
 *
 * Shapes: (points, 3), in mm.
 *
 * Numerics: float64 over displacements of float32, which round by less than 1e-5 mm.
 */
export const warpPoints = (warp: Warp, points: Float64Array): void => {
  for (const step of warp) {
    if (step.kind === "affine") applyAffine(step.matrix, points)
    else displace(step, points)
  }
}

/** How near to a point its place before a warp must be mapped, in mm; and after how many steps it is given up. */
const nearEnoughMm = 1e-4
const mostSteps = 200

/**
 * The point that the warp maps to a point: where a place of the space that images come from lies in the space that they are brought to.
 *
 * Formula: p ← p + (after - warp(p)), which comes nearer with each step as long as neighbouring points are displaced alike, as they are
 * between templates. Undefined where it does not.
 */
export const pointBefore = (warp: Warp, after: Point): Point | undefined => {
  const point = Float64Array.from(after)
  for (let step = 0; step < mostSteps; step++) {
    const mapped = point.slice()
    warpPoints(warp, mapped)
    const off = after.map((value, axis) => value - mapped[axis]!)
    if (Math.hypot(...off) <= nearEnoughMm) return [point[0]!, point[1]!, point[2]!]
    for (let axis = 0; axis < 3; axis++) point[axis] = point[axis]! + off[axis]!
  }
  return undefined
}

/** Widens the extremes, of three axes, by those of some displacements. Shapes: `displacements` (voxels, 3), `extremes` (3, 2). */
const widen = (displacements: Float32Array, extremes: Float64Array): void => {
  for (let n = 0; n < displacements.length; n += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const value = displacements[n + axis]!
      if (value < extremes[2 * axis]!) extremes[2 * axis] = value
      if (value > extremes[2 * axis + 1]!) extremes[2 * axis + 1] = value
    }
  }
}

/** Numbers looked at in one go: a few milliseconds. */
const sliceNumbers = 3 * 2 ** 20

/** A step from a field, of which the extremes are taken once; in slices, between which others may run. */
export function* displacementStep(grid: Grid, displacements: Float32Array): Generator<void, DisplacementStep> {
  const found = new Float64Array(6)
  for (let start = 0; start < displacements.length; start += sliceNumbers) {
    widen(displacements.subarray(start, start + sliceNumbers), found)
    yield
  }
  const along = (axis: number): BoxMm[0] => [found[2 * axis]!, found[2 * axis + 1]!]
  const extremes: BoxMm = [along(0), along(1), along(2)]
  return { kind: "displacement", grid, displacements, extremes }
}

/** A box that holds every point that the warp maps into a box. */
export const boxBefore = (warp: Warp, box: BoxMm): BoxMm =>
  warp.reduceRight<BoxMm>((after, step) => {
    if (step.kind === "affine") return boxAround(invert(step.matrix), after)
    const before = (axis: 0 | 1 | 2): BoxMm[0] => {
      const [lower, upper] = step.extremes[axis]
      return [after[axis][0] - upper, after[axis][1] - lower]
    }
    return [before(0), before(1), before(2)]
  }, box)
