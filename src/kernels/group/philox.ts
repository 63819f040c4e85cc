/**
 * Philox4x32-10, a generator without state: 128 random bits are a function of a counter and a key alone, so that the draw of a
 * permutation depends on nothing but its seed and its index.
 *
 * Source: Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, doi:10.1145/2063384.2063405; passes BigCrush.
 */

const multiplier0 = 0xd2511f53
const multiplier1 = 0xcd9e8d57
/** Added to the key's words in every round: 2³² by the golden ratio, and by √3 - 1. */
const weyl0 = 0x9e3779b9
const weyl1 = 0xbb67ae85
const rounds = 10

/** Upper 32 bits of the product of two unsigned 32-bit integers, from products of their halves, which float64 holds exactly. */
const highOfProduct = (a: number, b: number): number => {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const middle = aLow * bHigh + aHigh * bLow + Math.floor((aLow * bLow) / 0x10000)
  return (aHigh * bHigh + Math.floor(middle / 0x10000)) >>> 0
}

/** Writes the four words of a counter's bits to `out`, which may be the counter. Shapes: counter, out (4); key (2). */
export const philox = (counter: Uint32Array, key: Uint32Array, out: Uint32Array): void => {
  let [a, b, c, d] = counter as unknown as [number, number, number, number]
  let [k, l] = key as unknown as [number, number]
  for (let round = 0; round < rounds; round++) {
    const [high0, low0] = [highOfProduct(multiplier0, a), Math.imul(multiplier0, a)]
    const [high1, low1] = [highOfProduct(multiplier1, c), Math.imul(multiplier1, c)]
    a = (high1 ^ b ^ k) >>> 0
    b = low1 >>> 0
    c = (high0 ^ d ^ l) >>> 0
    d = low0 >>> 0
    k = (k + weyl0) >>> 0
    l = (l + weyl1) >>> 0
  }
  out[0] = a
  out[1] = b
  out[2] = c
  out[3] = d
}

/** Independent integers below a bound, one sequence for each seed and index. */
export interface Draws {
  /** The next integer from 0 to `bound` - 1, each with the same probability; `bound` is at most 2²⁰. */
  below(bound: number): number
}

/**
 * The sequence of a seed and an index.
 *
 * @param seed an integer from 0 to 2⁵³ - 1
 * @param index of the permutation, below 2³²
 * @param purpose tells apart what is drawn with the same seed
 */
export const drawsOf = (seed: number, index: number, purpose = 0): Draws => {
  const key = Uint32Array.of(seed >>> 0, Math.floor(seed / 2 ** 32))
  const counter = Uint32Array.of(0, 0, index, purpose)
  const words = new Uint32Array(4)
  let used = 4
  const next = (): number => {
    if (used === 4) {
      philox(counter, key, words)
      counter[0]!++
      used = 0
    }
    return words[used++]!
  }
  return { below: (bound) => drawBelow(next, bound) }
}

/** Lemire's method, doi:10.1145/3230636: the upper half of word · bound, where the lower half does not favour a value. */
const drawBelow = (next: () => number, bound: number): number => {
  let product = next() * bound
  let low = product % 2 ** 32
  if (low < bound) {
    const favoured = 2 ** 32 % bound
    while (low < favoured) {
      product = next() * bound
      low = product % 2 ** 32
    }
  }
  return Math.floor(product / 2 ** 32)
}
