/**
 * Nearest-neighbour resampling of a mask, or of labels, from its own grid to another: a lesion, or the parcels of an atlas,
 * to the connectome's voxels, and a mask of a map to a lesion's.
 *
 * Each target voxel takes the value of the source voxel that its centre lies in. Binary masks stay binary; nothing is
 * smoothed or averaged. Pure kernel over typed arrays; which voxels are asked for is the caller's choice.
 */
import { invert, multiply } from "./affine.ts"
import type { Grid } from "./Grid.ts"

/**
 * Share of a voxel by which a centre is moved up before rounding. Grids whose voxel sizes are multiples of each other
 * put centres exactly between two source voxels; affines come from float32, so that the computed index is then a little
 * over or under, differently at each voxel. With this, all such ties go up, the same way in the whole volume.
 */
const tieTolerance = 1e-6

export interface NearestResampling<Values extends Uint8Array | Int32Array> {
  readonly target: Grid
  /** Shape: (n). Elements of the target's volume that are wanted. */
  readonly gridIndex: Int32Array
  readonly source: Grid
  /** Shape: (voxels of the source grid), first axis fastest. */
  readonly mask: Values
  /** Shape: (n, 3). What is added to the source index of each element, where the grids lie in two template spaces. */
  readonly offsets?: Float32Array | undefined
}

/**
 * Writes to `into[n]` the source voxel at the centre of target element `gridIndex[n]`, or 0 outside of the source.
 *
 * Shapes: `into` is as long as `gridIndex`.
 *
 * Formula: source index = floor(x + ½ + 10⁻⁶) along each axis, x = source affine⁻¹ · target affine · target index + offset.
 *
 * Errors: none; both affines can be inverted, as those of every header that was read can.
 */
export const resampleNearest = <Values extends Uint8Array | Int32Array>(
  { target, gridIndex, source, mask, offsets }: NearestResampling<Values>,
  into: Values
): void => {
  const m = multiply(invert(source.affine), target.affine)
  const [nx, ny] = target.shape
  const [sx, sy, sz] = source.shape
  const shift = 0.5 + tieTolerance
  for (let n = 0; n < gridIndex.length; n++) {
    const element = gridIndex[n]!
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    let px = m[0]! * i + m[1]! * j + m[2]! * k + m[3]! + shift
    let py = m[4]! * i + m[5]! * j + m[6]! * k + m[7]! + shift
    let pz = m[8]! * i + m[9]! * j + m[10]! * k + m[11]! + shift
    if (offsets !== undefined) {
      px += offsets[3 * n]!
      py += offsets[3 * n + 1]!
      pz += offsets[3 * n + 2]!
    }
    const [x, y, z] = [Math.floor(px), Math.floor(py), Math.floor(pz)]
    const inside = x >= 0 && x < sx && y >= 0 && y < sy && z >= 0 && z < sz
    into[n] = inside ? mask[x + sx * (y + sy * z)]! : 0
  }
}
