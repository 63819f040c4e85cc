/**
 * The voxels of a map in the order of their |value|, largest first: a radix sort of the bits of float32 numbers, which ascend as the
 * numbers do where these are not negative.
 *
 * Shapes: `values` (voxels); `order`, `otherOrder`, `keys` and `otherKeys` (voxels), the last three scratch.
 * Returns how many voxels were sorted: those with |value| ≥ `least` that are not 0. NaN is left out.
 * Cost: three passes over these. Mutates: all but `values`.
 */
export const sortBySize = (
  values: Float32Array,
  least: number,
  { order, otherOrder, keys, otherKeys }: SizeOrder
): number => {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  places.fill(0)
  let count = 0
  for (let voxel = 0; voxel < values.length; voxel++) {
    const value = values[voxel]!
    if (!(value >= least || value <= -least) || value === 0) continue
    // Complemented, so that ascending keys are descending sizes.
    const key = ~bits[voxel]! & 0x7fffffff
    order[count] = voxel
    keys[count++] = key
    places[key & 2047]!++
    places[2048 + ((key >>> 11) & 2047)]!++
    places[4096 + (key >>> 22)]!++
  }
  for (let first = 0; first < places.length; first += 2048) {
    let before = 0
    for (let at = first; at < first + 2048; at++) {
      const same = places[at]!
      places[at] = before
      before += same
    }
  }
  pass(count, 0, keys, order, otherKeys, otherOrder)
  pass(count, 1, otherKeys, otherOrder, keys, order)
  pass(count, 2, keys, order, otherKeys, otherOrder)
  order.set(otherOrder.subarray(0, count))
  return count
}

export interface SizeOrder {
  /** Voxels, largest size first. */
  readonly order: Uint32Array
  readonly otherOrder: Uint32Array
  readonly keys: Uint32Array
  readonly otherKeys: Uint32Array
}

export const makeSizeOrder = (voxels: number): SizeOrder => ({
  order: new Uint32Array(voxels),
  otherOrder: new Uint32Array(voxels),
  keys: new Uint32Array(voxels),
  otherKeys: new Uint32Array(voxels)
})

/** Voxels that have each value of each of three digits of 11 bits; then where the next one with it goes. */
const places = new Uint32Array(3 * 2048)

const pass = (
  count: number,
  digit: number,
  keys: Uint32Array,
  order: Uint32Array,
  toKeys: Uint32Array,
  toOrder: Uint32Array
): void => {
  const [shift, first] = [11 * digit, 2048 * digit]
  for (let i = 0; i < count; i++) {
    const key = keys[i]!
    const place = places[first + ((key >>> shift) & 2047)]!++
    toKeys[place] = key
    toOrder[place] = order[i]!
  }
}
