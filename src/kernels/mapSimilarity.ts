/**
 * How similar two maps are: their Pearson correlation over the voxels of the brain mask; and the mean map of many, with which each is compared.
 *
 * Sums over maps are whole numbers of units of 2⁻²⁴ held in float64, so that they are exact, whatever the order of maps and threads.
 */

/** Half a unit is 3e-8, as much as float32 rounds a z of 0.5. */
const unitsPerOne = 2 ** 24

/** Numbers of float64 around it are 1 apart: adding and taking it off rounds to a whole number. */
const rounding = 1.5 * 2 ** 52

/** A larger value counts as this: sums of 500,000 maps stay below 2⁵³, up to which whole numbers are exact. */
const largest = 2 ** 10

/**
 * Adds a map to the sums, a voxel of the mask each.
 *
 * Shapes: `values` (voxels of the grid), `elements` and `sums` (voxels of the mask).
 */
export const addToMapSums = (values: Float32Array, elements: Int32Array, sums: Float64Array): void => {
  for (let n = 0; n < elements.length; n++) {
    const value = values[elements[n]!]!
    const bounded = value > largest ? largest : value < -largest ? -largest : value
    sums[n]! += bounded * unitsPerOne + rounding - rounding
  }
}

/** The mean of `count` maps from the sums of several threads. Shape: `into` as the sums. */
export const meanOfMaps = (sums: ReadonlyArray<Float64Array>, count: number, into: Float32Array): void => {
  for (let n = 0; n < into.length; n++) {
    let total = 0
    for (const ofThread of sums) total += ofThread[n]!
    into[n] = total / (count * unitsPerOne)
  }
}

/**
 * Pearson correlation of `values[elements[n]]` with `others[n]`; undefined where one of them is the same everywhere.
 *
 * Numerics: float64, with deviations from the first voxel's values, so that a common offset does not cancel digits.
 */
export const mapSimilarity = (values: Float32Array, elements: Int32Array, others: Float32Array): number | undefined => {
  const count = elements.length
  if (count < 2) return undefined
  const [firstX, firstY] = [values[elements[0]!]!, others[0]!]
  let [sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0]
  for (let n = 0; n < count; n++) {
    const x = values[elements[n]!]! - firstX
    const y = others[n]! - firstY
    sumX += x
    sumY += y
    sumXX += x * x
    sumYY += y * y
    sumXY += x * y
  }
  const varianceX = sumXX - (sumX * sumX) / count
  const varianceY = sumYY - (sumY * sumY) / count
  if (!(varianceX > leastShare * sumXX && varianceY > leastShare * sumYY)) return undefined
  const r = (sumXY - (sumX * sumY) / count) / Math.sqrt(varianceX * varianceY)
  return Math.max(-1, Math.min(1, r))
}

/** Share of the sum of squares below which a variance is rounding: float64 has 53 binary digits. */
const leastShare = 2 ** -40
