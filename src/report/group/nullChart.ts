/** The largest values of the permutations as a histogram, with a line where a value becomes significant and one at the observed value. */
import { html, type Markup } from "../markup.ts"
import { count, decimals, hundredths, significant } from "../numbers.ts"
import { plot, plotEdges, rangeOf, said } from "./plot.ts"

export interface NullChart {
  /** What the values are, with their unit. */
  readonly title: string
  /** Of the drawn permutations. */
  readonly values: ReadonlyArray<number>
  readonly observed: number | undefined
  /** What must be exceeded for p < 0.05. */
  readonly needed: number | undefined
}

const bins = 40

/** Room that a line's name takes at most. */
const nameWidth = 130

export const nullChart = ({ title, values, observed, needed }: NullChart): Markup => {
  const { least, most } = rangeOf([...values, ...(observed === undefined ? [] : [observed])])
  const counts = binned(values, least, most)
  const chart = plot({ least, most, title }, { least: 0, most: Math.max(...counts), title: "Permutations" })
  const step = (most - least) / bins
  const bars = counts.map((one, n) => {
    if (one === 0) return undefined
    const [from, to] = [chart.x(least + n * step), chart.x(least + (n + 1) * step)]
    return html`<rect class="bar" x="${from}" y="${chart.y(one)}" width="${hundredths(Math.max(to - from - 0.6, 0.6))}" height="${hundredths(plotEdges.base - chart.y(one))}"/>`
  })
  const lines = [
    ...(needed === undefined ? [] : [line(chart.x(needed), plotEdges.top - 8, "limit", "p = 0.05")]),
    ...(observed === undefined ? [] : [line(chart.x(observed), plotEdges.top - 24, "observed", "observed")])
  ]
  const label = [
    `${title} over ${count(values.length)} permutations, from ${said(least)} to ${said(most)}`,
    ...(needed === undefined ? [] : [`significant above ${said(needed)}`]),
    ...(observed === undefined ? [] : [`observed ${said(observed)}`])
  ].join("; ")
  return chart.draw(label, html`${bars}${lines}`)
}

const numberText = (value: number): string => (Number.isInteger(value) ? count(value) : significant(value))

/** Counts in bins of equal width; the largest value is in the last. */
export const binned = (values: ReadonlyArray<number>, least: number, most: number): ReadonlyArray<number> => {
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value - least) / (most - least)) * bins))]!++
  return counts
}

/** A line up to a height, with its name beside its end, on the side where there is room. */
const line = (x: number, y: number, kind: "limit" | "observed", name: string): Markup => {
  const isLeft = x + nameWidth > plotEdges.right
  return html`<path class="${kind}" d="M${x} ${plotEdges.base}V${y}"/><text x="${isLeft ? x - 5 : x + 5}" y="${y + 4}" text-anchor="${isLeft ? "end" : "start"}">${name}</text>`
}

/**
 * What the chart says, in words for those who read.
 *
 * @param reachedFrom the least value that counts as the observed one, as p counts it
 */
export const nullWords = (
  { values, observed, needed }: Pick<NullChart, "values" | "observed" | "needed">,
  of: string,
  reachedFrom: (observed: number) => number
): string => {
  const reached = observed === undefined ? undefined : values.filter((value) => value >= reachedFrom(observed)).length
  return [
    needed === undefined
      ? `There are too few permutations for a corrected p below 0.05.`
      : `Significant at corrected p < 0.05 is ${of} above ${numberText(needed)}.`,
    ...(observed === undefined || reached === undefined
      ? []
      : [
          `Observed is ${numberText(observed)}; ${reached === 0 ? "no permutation" : `${count(reached)} of ${count(values.length)} permutations (${decimals((100 * reached) / values.length, 1)} %)`} reached that.`
        ])
  ].join(" ")
}
