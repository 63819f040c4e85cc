/**
 * The two sums that the checksum of a store's chunk file is made of (`src/connectome/storeChecksum.ts`).
 *
 * Formula: over the words w[0] … w[n - 1], a += w[i], then b += a, both modulo 2⁶⁴; so b is Σ (n - i) · w[i].
 * Cost: 7 instructions for 4 words, as fast as they come from the second-level cache.
 */

/** Adds `words` little-endian 32-bit words at `from` to the sums a and b at `sums` (uint64 [2]); mutates only those. */
export function wordSums(from: usize, words: i32, sums: usize): void {
  // Of the words that lie in each of 4 lanes: their sum, and the sum of the sums so far.
  let sumLow = i64x2.splat(0)
  let sumHigh = i64x2.splat(0)
  let risingLow = i64x2.splat(0)
  let risingHigh = i64x2.splat(0)
  const whole = words & ~3
  const end = from + ((<usize>whole) << 2)
  for (; from < end; from += 16) {
    const row = v128.load(from)
    sumLow = i64x2.add(sumLow, i64x2.extend_low_i32x4_u(row))
    sumHigh = i64x2.add(sumHigh, i64x2.extend_high_i32x4_u(row))
    risingLow = i64x2.add(risingLow, sumLow)
    risingHigh = i64x2.add(risingHigh, sumHigh)
  }
  const first = i64x2.extract_lane(sumLow, 0)
  const second = i64x2.extract_lane(sumLow, 1)
  const third = i64x2.extract_lane(sumHigh, 0)
  const fourth = i64x2.extract_lane(sumHigh, 1)
  const rising = i64x2.add(risingLow, risingHigh)
  let a = <u64>load<u64>(sums)
  let b = load<u64>(sums, 8) + <u64>whole * a
  // Lane l of step k is word 4k + l: its weight falls behind that of its step's first word by l.
  b += 4 * <u64>(i64x2.extract_lane(rising, 0) + i64x2.extract_lane(rising, 1)) - <u64>(second + 2 * third + 3 * fourth)
  a += <u64>(first + second + third + fourth)
  for (let n = whole; n < words; n++) {
    a += <u64>load<u32>(from)
    b += a
    from += 4
  }
  store<u64>(sums, a)
  store<u64>(sums, b, 8)
}
