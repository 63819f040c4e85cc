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
}

/**
 * Writes to `into[n]` the interpolated value at the centre of target element `gridIndex[n]`.
 *
 * Shapes: `into` is as long as `gridIndex`.
 *
 * Formula: Σ over the eight neighbours of (1-|x-i|)·(1-|y-j|)·(1-|z-k|)·value, with (x, y, z) = source affine⁻¹ · target
 *   affine · target index. A neighbour beyond the grid has the value `outside`, so that the border fades into it.
 *
 * Numerics: float64; along an axis whose index is a whole number to 10⁻⁶ the neighbour beyond has no part in it.
 *
 * Errors: none; both affines can be inverted, as those of every header that was read can.
 */
export const resampleLinear = (
  { target, gridIndex, source, values, outside }: LinearResampling,
  into: Float32Array | Float64Array
): void => {
  const m = multiply(invert(source.affine), target.affine)
  const [nx, ny] = target.shape
  const [sx, sy, sz] = source.shape
  const at = (x: number, y: number, z: number): number =>
    x >= 0 && x < sx && y >= 0 && y < sy && z >= 0 && z < sz ? values[x + sx * (y + sy * z)]! : outside
  /** The row of the source at (y, z), between the voxels left and right of the centre. */
  const alongX = (x: number, share: number, y: number, z: number): number =>
    share === 0 ? at(x, y, z) : (1 - share) * at(x, y, z) + share * at(x + 1, y, z)
  const alongY = (x: number, shareX: number, y: number, share: number, z: number): number =>
    share === 0 ? alongX(x, shareX, y, z) : (1 - share) * alongX(x, shareX, y, z) + share * alongX(x, shareX, y + 1, z)
  for (let n = 0; n < gridIndex.length; n++) {
    const element = gridIndex[n]!
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    const x = m[0]! * i + m[1]! * j + m[2]! * k + m[3]!
    const y = m[4]! * i + m[5]! * j + m[6]! * k + m[7]!
    const z = m[8]! * i + m[9]! * j + m[10]! * k + m[11]!
    const [left, lower, back] = [
      Math.floor(x + centreTolerance),
      Math.floor(y + centreTolerance),
      Math.floor(z + centreTolerance)
    ]
    const shareX = x - left > centreTolerance ? x - left : 0
    const shareY = y - lower > centreTolerance ? y - lower : 0
    const shareZ = z - back > centreTolerance ? z - back : 0
    const near = alongY(left, shareX, lower, shareY, back)
    into[n] = shareZ === 0 ? near : (1 - shareZ) * near + shareZ * alongY(left, shareX, lower, shareY, back + 1)
  }
}
