/**
 * Adds the Fisher z of one lesion in one voxel panel to its sums: sum_z += z, sum_z2 += z².
 *
 * Numerics: z is float32, its square and both sums float64. The square of a float32 is exact in float64, so fused or
 * not makes no difference here. Each sum runs over the subjects in the order of the calls.
 */
import { far, isFar, near } from "./fisherZ"
import { addProduct } from "./multiplyAdd"

/** Correlations of 8 voxels at `r` (float32) into the sums at `sums` (float64 [2][8]). Cost: about 70 instructions; mutates only `sums`. */
export function reduceRow(r: usize, sums: usize): void {
  let z0 = v128.load(r)
  let z1 = v128.load(r, 16)
  const s0 = f32x4.mul(z0, z0)
  const s1 = f32x4.mul(z1, z1)
  if (isFar(f32x4.pmax(s0, s1))) {
    z0 = far(z0)
    z1 = far(z1)
  } else {
    z0 = near(z0, s0)
    z1 = near(z1, s1)
  }
  add(z0, sums)
  add(z1, sums + 32)
}

function add(z: v128, sums: usize): void {
  const low = f64x2.promote_low_f32x4(z)
  const high = f64x2.promote_low_f32x4(v128.shuffle<f64>(z, z, 1, 0))
  v128.store(sums, f64x2.add(v128.load(sums), low))
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16)
  v128.store(sums, addProduct(low, low, v128.load(sums, 64)), 64)
  v128.store(sums, addProduct(high, high, v128.load(sums, 80)), 80)
}
