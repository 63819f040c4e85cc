/**
 * Ranks of values, for Spearman's correlation: the smallest has rank 1, and equal values have the mean of their ranks, as
 * `scipy.stats.rankdata` gives them.
 *
 * Shapes: `values`, `ranks` and `sorted` (n); `sorted` is scratch. `values` and `ranks` may be the same array.
 * Numerics: exact; values must not be NaN.
 * Cost: a sort and n binary searches. Mutates: `ranks`, `sorted`.
 */
export const midRanks = (values: Float64Array, ranks: Float64Array, sorted: Float64Array): void => {
  sorted.set(values)
  sorted.sort()
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    // The values before `below` are smaller, those from `above` on are larger.
    const below = firstWhere(sorted, 0, (other) => other >= value)
    const above = firstWhere(sorted, below, (other) => other > value)
    ranks[i] = (below + 1 + above) / 2
  }
}

/** The first place from `from` on whose value fulfils a condition that all later ones fulfil too; the length if none does. */
const firstWhere = (sorted: Float64Array, from: number, holds: (value: number) => boolean): number => {
  let low = from
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
