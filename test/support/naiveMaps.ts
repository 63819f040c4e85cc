/**
 * The whole method once more, as naively as can be: float64, plain loops over subjects, lesions and voxels, every r and z
 * kept, textbook formulas. The oracle of the pipeline's tests; it shares no code with what it judges.
 */

/** The clip of r before atanh. */
const largestR = 1 - 2 ** -23

export interface NaiveMaps {
  readonly r: ReadonlyArray<number>
  readonly z: ReadonlyArray<number>
  readonly t: ReadonlyArray<number>
  /** Sample standard deviation of z. */
  readonly sd: ReadonlyArray<number>
  readonly p: ReadonlyArray<number>
  readonly pfdr: ReadonlyArray<number>
  /** How much larger Σz² is than Σ(z - z̄)²: by so much a t made of sums may lose digits. */
  readonly condition: ReadonlyArray<number>
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Pearson's r by its definition, in two passes; 0 where one series is constant or not finite. */
export const naivePearson = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  for (const series of [x, y]) {
    let constant = true
    for (let i = 0; i < series.length; i++) {
      if (!Number.isFinite(series[i])) return 0
      if (series[i] !== series[0]) constant = false
    }
    if (constant) return 0
  }
  const [meanX, meanY] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - meanX) * (y[i]! - meanY)
    xx += (x[i]! - meanX) ** 2
    yy += (y[i]! - meanY) ** 2
  }
  return xy / Math.sqrt(xx) / Math.sqrt(yy)
}

/** The (weighted) mean over a lesion's voxels, without those that are NaN or infinite at some time point; NaN if none is left. */
export const naiveSeed = (
  values: ArrayLike<number>,
  voxels: number,
  lesion: ArrayLike<number>,
  weights?: ArrayLike<number>
): ReadonlyArray<number> => {
  const times = Array.from({ length: values.length / voxels }, (_, t) => t)
  const used = Array.from(lesion, (voxel, i) => ({ voxel, weight: weights?.[i] ?? 1 })).filter(({ voxel }) =>
    times.every((t) => Number.isFinite(values[t * voxels + voxel]))
  )
  const total = used.reduce((sum, { weight }) => sum + weight, 0)
  return times.map(
    (t) => used.reduce((sum, { voxel, weight }) => sum + weight * values[t * voxels + voxel]!, 0) / total
  )
}

export const naiveFisherZ = (r: number): number => {
  const clipped = Math.max(-largestR, Math.min(largestR, r))
  return 0.5 * (Math.log1p(clipped) - Math.log1p(-clipped))
}

/**
 * Two-tailed p of t by numerical integration: with x = √ν·tan θ, the tail beyond |t| is the integral of cos^(ν-1) from
 * θ to π/2, as a share of that from 0. Needs no gamma function.
 */
export const naiveTwoTailedP = (t: number, degreesOfFreedom: number): number => {
  const fromTop = Math.atan2(Math.sqrt(degreesOfFreedom), Math.abs(t))
  return integral(fromTop, degreesOfFreedom) / integral(Math.PI / 2, degreesOfFreedom)
}

/** Nodes on [-1, 1] and weights of Gauss and Legendre's rule with five points: NIST DLMF, table 3.5.2. */
const gaussLegendre = [
  [0, 0.5688888888888889],
  [-0.5384693101056831, 0.47862867049936647],
  [0.5384693101056831, 0.47862867049936647],
  [-0.906179845938664, 0.23692688505618908],
  [0.906179845938664, 0.23692688505618908]
] as const

/** ∫ sin(u)^(ν-1) du from 0 to `end`. The integrand changes by a factor of about e² an interval at most. */
const integral = (end: number, degreesOfFreedom: number): number => {
  const intervals = 40 + degreesOfFreedom
  const half = end / intervals / 2
  let sum = 0
  for (let i = 0; i < intervals; i++) {
    for (const [node, weight] of gaussLegendre) {
      sum += weight * Math.sin((2 * i + 1 + node) * half) ** (degreesOfFreedom - 1)
    }
  }
  return sum * half
}

/** Benjamini and Hochberg by the definition: the least p·m/rank among all p that are no smaller. O(m²). */
export const naiveBenjaminiHochberg = (p: ArrayLike<number>): ReadonlyArray<number> => {
  const all = Array.from(p)
  const scaled = all.map((value) => value * (all.length / all.filter((other) => other <= value).length))
  return all.map((value) => Math.min(1, ...scaled.filter((_, i) => all[i]! >= value)))
}

/** A spread that is nothing but the rounding of a mean: far above float64's own, far below any real one. */
const noSpread = 1e-20

/**
 * @param timeSeries of each subject (time points, voxels), voxel fastest
 * @param lesions the voxels of each
 */
export const naiveMaps = (
  timeSeries: ReadonlyArray<ArrayLike<number>>,
  voxels: number,
  lesions: ReadonlyArray<ArrayLike<number>>
): ReadonlyArray<NaiveMaps> =>
  lesions.map((lesion) => {
    const z = timeSeries.map((values) => correlationsOf(values, voxels, Array.from(lesion)).map(naiveFisherZ))
    const perVoxel = Array.from({ length: voxels }, (_, v) => statisticsOf(z.map((subject) => subject[v]!)))
    const p = perVoxel.map(({ p }) => p)
    return {
      r: perVoxel.map(({ z }) => Math.tanh(z)),
      z: perVoxel.map(({ z }) => z),
      t: perVoxel.map(({ t }) => t),
      sd: perVoxel.map(({ sd }) => sd),
      p,
      pfdr: naiveBenjaminiHochberg(p),
      condition: perVoxel.map(({ condition }) => condition)
    }
  })

const correlationsOf = (
  values: ArrayLike<number>,
  voxels: number,
  lesion: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const column = (voxel: number) =>
    Array.from({ length: values.length / voxels }, (_, t) => values[t * voxels + voxel]!)
  const seed = naiveSeed(values, voxels, lesion)
  return Array.from({ length: voxels }, (_, v) => naivePearson(seed, column(v)))
}

const statisticsOf = (z: ReadonlyArray<number>) => {
  const n = z.length
  const average = mean(z)
  const squares = z.reduce((sum, value) => sum + value ** 2, 0)
  const deviations = z.reduce((sum, value) => sum + (value - average) ** 2, 0)
  if (deviations <= noSpread * squares) return { z: average, t: 0, sd: 0, p: 1, condition: 1 }
  const sd = Math.sqrt(deviations / (n - 1))
  const t = average / (sd / Math.sqrt(n))
  return { z: average, t, sd, p: naiveTwoTailedP(t, n - 1), condition: squares / deviations }
}
