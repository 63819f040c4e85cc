/**
 * Trilinear resampling of a volume from its own grid to another: a statistic to a lesion's grid, a probabilistic atlas to
 * the connectome's voxels.
 *
 * Each target voxel takes the weighted mean of the eight source voxels around its centre. Pure kernel over typed arrays;
 * which voxels are asked for is the caller's choice.
 */
import { invert, multiply } from "./affine.ts"
import type { Grid } from "./Grid.ts"

/**
 * Distance from a voxel's centre, in voxels, below which the centre itself is meant. Affines come from float32, so that
 * on grids with common centres a computed index is off by a little; a neighbour that is not a number must not count there.
 */
const centreTolerance = 1e-6

export interface LinearResampling {
  readonly target: Grid
  /** Shape: (n). Elements of the target's volume that are wanted. */
  readonly gridIndex: Int32Array
  readonly source: Grid
  /** Shape: (voxels of the source grid), first axis fastest. */
  readonly values: Float32Array | Float64Array
  /** Value of every voxel beyond the source's grid. */
  readonly outside: number
  /** Shape: (n, 3). What is added to the source index of each element, where the grids lie in two template spaces. */
  readonly offsets?: Float32Array | undefined
}

/**
 * Writes to `into[n]` the interpolated value at the centre of target element `gridIndex[n]`.
 *
 * Shapes: `into` is as long as `gridIndex`.
 *
 * Formula: Σ over the eight neighbours of (1-|x-i|)·(1-|y-j|)·(1-|z-k|)·value, with (x, y, z) = source affine⁻¹ · target
 *   affine · target index + offset. A neighbour beyond the grid has the value `outside`, so that the border fades into it.
 *
 * Numerics: float64; along an axis whose index is a whole number to 10⁻⁶ the neighbour beyond has no part in it.
 *
 * Errors: none; both affines can be inverted, as those of every header that was read can.
 */
export const resampleLinear = (
  { target, gridIndex, source, values, outside, offsets }: LinearResampling,
  into: Float32Array | Float64Array
): void => {
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11] = multiply(invert(source.affine), target.affine)
  const [nx, ny] = target.shape
  const [sx, sy, sz] = source.shape
  for (let n = 0; n < gridIndex.length; n++) {
    const element = gridIndex[n]!
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    let x = m0! * i + m1! * j + m2! * k + m3!
    let y = m4! * i + m5! * j + m6! * k + m7!
    let z = m8! * i + m9! * j + m10! * k + m11!
    if (offsets !== undefined) {
      x += offsets[3 * n]!
      y += offsets[3 * n + 1]!
      z += offsets[3 * n + 2]!
    }
    const left = Math.floor(x + centreTolerance)
    const lower = Math.floor(y + centreTolerance)
    const back = Math.floor(z + centreTolerance)
    const shareX = x - left > centreTolerance ? x - left : 0
    const shareY = y - lower > centreTolerance ? y - lower : 0
    const shareZ = z - back > centreTolerance ? z - back : 0
    // Without a share in it, the voxel itself stands for the neighbour.
    const stepX = shareX === 0 ? 0 : 1
    const stepY = shareY === 0 ? 0 : sx
    const stepZ = shareZ === 0 ? 0 : sx * sy
    const within =
      left >= 0 &&
      left + stepX < sx &&
      lower >= 0 &&
      lower + (shareY === 0 ? 0 : 1) < sy &&
      back >= 0 &&
      back + (shareZ === 0 ? 0 : 1) < sz
    if (!within) {
      into[n] = sumOfNeighbours(source, values, outside, left, lower, back, shareX, shareY, shareZ)
      continue
    }
    const at = left + sx * (lower + sy * back)
    const far = at + stepZ
    const restX = 1 - shareX
    const nearSum =
      (1 - shareY) * (restX * values[at]! + shareX * values[at + stepX]!) +
      shareY * (restX * values[at + stepY]! + shareX * values[at + stepY + stepX]!)
    const farSum =
      (1 - shareY) * (restX * values[far]! + shareX * values[far + stepX]!) +
      shareY * (restX * values[far + stepY]! + shareX * values[far + stepY + stepX]!)
    into[n] = (1 - shareZ) * nearSum + shareZ * farSum
  }
}

/** The same at the border: neighbours beyond the grid are `outside`, those without a share are not read. */
const sumOfNeighbours = (
  { shape: [sx, sy, sz] }: Grid,
  values: Float32Array | Float64Array,
  outside: number,
  left: number,
  lower: number,
  back: number,
  shareX: number,
  shareY: number,
  shareZ: number
): number => {
  let sum = 0
  for (let neighbour = 0; neighbour < 8; neighbour++) {
    const dx = neighbour & 1
    const dy = (neighbour >> 1) & 1
    const dz = neighbour >> 2
    const weight =
      (dx === 1 ? shareX : 1 - shareX) * (dy === 1 ? shareY : 1 - shareY) * (dz === 1 ? shareZ : 1 - shareZ)
    if (weight === 0) continue
    const x = left + dx
    const y = lower + dy
    const z = back + dz
    const inside = x >= 0 && x < sx && y >= 0 && y < sy && z >= 0 && z < sz
    sum += weight * (inside ? values[x + sx * (y + sy * z)]! : outside)
  }
  return sum
}
