/**
 * False discovery rate over the voxels of one lesion: the p values adjusted by Benjamini and Hochberg's step-up
 * procedure, as R's `p.adjust(method = "BH")`.
 *
 * Shapes: `p`, `adjusted` (voxels); `keys`, `order` (voxels) are scratch.
 * Formula: with p₍₁₎ ≤ … ≤ p₍ₘ₎, adjusted₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·(m/j), at most 1
 * Numerics: equal p get the same value, that of the last among them. The factor m/j is at least 1, so that rounding
 *   never takes an adjusted p below p itself. p must not be NaN or negative.
 * Cost: a sort of numbers, without a comparison function.
 * Source: Benjamini & Hochberg 1995, J. R. Stat. Soc. B, doi:10.1111/j.2517-6161.1995.tb02031.x
 */
export const benjaminiHochberg = (
  p: Float64Array,
  adjusted: Float64Array,
  keys: Float64Array,
  order: Uint32Array
): void => {
  const count = p.length
  sortVoxels(p, keys, order)
  let smallest = 1
  for (let i = count - 1; i >= 0; i--) {
    const voxel = order[i]!
    smallest = Math.min(smallest, p[voxel]! * (count / (i + 1)))
    adjusted[voxel] = smallest
  }
}

/**
 * Writes the voxels to `order` so that their p ascend. The last bits of each p are replaced by its voxel, so that sorting
 * the numbers sorts the voxels too; p that differ in those bits alone are then put in order by hand.
 */
const sortVoxels = (p: Float64Array, keys: Float64Array, order: Uint32Array): void => {
  const count = p.length
  const voxelBits = 2 ** (32 - Math.clz32(count)) - 1
  // The low half of a number comes first in memory on every machine that Node runs on.
  const halves = new Uint32Array(keys.buffer, keys.byteOffset, 2 * count)
  keys.set(p)
  for (let voxel = 0; voxel < count; voxel++) halves[2 * voxel] = ((halves[2 * voxel]! & ~voxelBits) | voxel) >>> 0
  keys.sort()
  for (let i = 0; i < count; i++) {
    const voxel = halves[2 * i]! & voxelBits
    const value = p[voxel]!
    let place = i
    for (; place > 0 && p[order[place - 1]!]! > value; place--) order[place] = order[place - 1]!
    order[place] = voxel
  }
}
