/**
 * 1/f noise, as in resting-state BOLD, for many series side by side, one time point at a time.
 *
 * The Voss-McCartney scheme: a series is the sum of `octaves` Gaussian numbers, of which number k is drawn anew every
 * 2^(k+1) time points. A time point renews at most one of them, so a value costs one random number whatever the octaves.
 *
 * Source: M. Gardner, "White and brown music, fractal curves and one-over-f fluctuations", Sci. Am. 238(4), 1978;
 * J. McCartney's variant, which renews one number a time point.
 */
import type { Xoshiro128 } from "./Xoshiro128.ts"

/** Octaves of 1/f. With 6, the slowest number lasts 64 time points, about half a scan of the demo. */
const octaves = 6

export class PinkNoise {
  private readonly random: Xoshiro128
  private readonly numbers: ReadonlyArray<Float32Array>
  private readonly sum: Float64Array
  private timePoint = 0

  constructor(random: Xoshiro128, series: number) {
    this.random = random
    this.numbers = Array.from({ length: octaves }, () => new Float32Array(series))
    this.sum = new Float64Array(series)
    for (const octave of this.numbers) this.renew(octave)
  }

  /** Writes the next time point of every series into `into`: mean 0, variance 1. Memory: nothing is allocated. */
  next(into: Float32Array): void {
    this.timePoint += 1
    const trailingZeroBits = 31 - Math.clz32(this.timePoint & -this.timePoint)
    const octave = this.numbers[trailingZeroBits]
    if (octave !== undefined) this.renew(octave)
    const scale = 1 / Math.sqrt(octaves)
    for (let index = 0; index < into.length; index++) into[index] = scale * this.sum[index]!
  }

  /** Draws the numbers of one octave anew and keeps the sum over the octaves; float64 keeps it exact enough. */
  private renew(octave: Float32Array): void {
    const { sum } = this
    for (let index = 0; index < sum.length; index++) sum[index] = sum[index]! - octave[index]!
    this.random.fillGaussian(octave)
    for (let index = 0; index < sum.length; index++) sum[index] = sum[index]! + octave[index]!
  }
}
