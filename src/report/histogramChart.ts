/** The histogram of r of a map as SVG: a bar a bin, with the counts' axis left out, since their shape is what matters. */
import { html, type Markup } from "./markup.ts"
import { count, decimals, hundredths } from "./numbers.ts"
import type { Histogram } from "./ReportData.ts"

const width = 360
const height = 130
const base = 104
const margin = 20

export const histogramChart = ({ from, to, counts }: Histogram): Markup => {
  const most = Math.max(1, ...counts)
  const total = counts.reduce((sum, one) => sum + one, 0)
  const step = (width - 2 * margin) / counts.length
  const xOf = (value: number): number => margin + ((value - from) / (to - from)) * (width - 2 * margin)
  const bars = counts.map((one, n) => {
    const tall = (one / most) * (base - 8)
    return one === 0
      ? undefined
      : html`<rect class="bar" x="${hundredths(margin + n * step)}" y="${hundredths(base - tall)}" width="${hundredths(Math.max(step - 0.6, 0.4))}" height="${hundredths(tall)}"/>`
  })
  const marks = [from, ...(from < 0 && to > 0 ? [0] : []), to]
  return html`<svg class="histogram" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Histogram of r over ${count(total)} voxels, from ${decimals(from, 2)} to ${decimals(to, 2)}">
${bars}<path class="axis" d="M${margin} ${base + 0.5}H${width - margin}"/>
${marks.map((value) => html`<path class="tick" d="M${hundredths(xOf(value))} ${base}v5"/><text x="${hundredths(xOf(value))}" y="${base + 19}" text-anchor="middle">${decimals(value, value === 0 ? 0 : 2)}</text>`)}
</svg>`
}
