/**
 * The demo's source of randomness: xoshiro128**, seeded through splitmix32, and Gaussian numbers from it.
 *
 * A generator of our own, so that a seed gives the same connectome under every version of Node. A `stream` number makes
 * independent sequences from one seed (one a subject), so a subject's data does not depend on who was made before it.
 *
 * Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021, doi:10.1145/3460772.
 * Gaussian numbers: G. Marsaglia, T. A. Bray, the polar method, SIAM Review 6(3), 1964, doi:10.1137/1006063.
 */

/** 2^-32: turns a 32-bit integer into a number in [0, 1). */
const unitPerInteger = 2 ** -32

/** Increment of splitmix32: 2^32 divided by the golden ratio. */
const goldenGamma = 0x9e3779b9

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** Output function of splitmix32: the finaliser of MurmurHash3 (A. Appleby, public domain). */
const mix = (state: number): number => {
  let word = state
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
  return word ^ (word >>> 16)
}

export class Xoshiro128 {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(seed: number, stream: number) {
    const start = mix(seed | 0) ^ mix(Math.imul(stream + 1, goldenGamma))
    this.a = mix(start + goldenGamma)
    this.b = mix(start + Math.imul(2, goldenGamma))
    this.c = mix(start + Math.imul(3, goldenGamma))
    this.d = mix(start + Math.imul(4, goldenGamma)) | 1 // The state must not be zero throughout.
  }

  /** Next 32 bits, as a signed integer. */
  nextInteger(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.b, 5), 7), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = rotateLeft(this.d, 11)
    return result
  }

  /** Next number in (0, 1), neither end included. */
  nextUniform(): number {
    return ((this.nextInteger() >>> 0) + 0.5) * unitPerInteger
  }

  /** Fills `into` with independent Gaussian numbers of mean 0 and variance 1. */
  fillGaussian(into: Float32Array): void {
    for (let index = 0; index < into.length; index += 2) {
      let x = 0
      let y = 0
      let square = 1
      while (square >= 1) {
        x = 2 * this.nextUniform() - 1
        y = 2 * this.nextUniform() - 1
        square = x * x + y * y
      }
      const scale = Math.sqrt((-2 * Math.log(square)) / square)
      into[index] = scale * x
      if (index + 1 < into.length) into[index + 1] = scale * y
    }
  }
}
