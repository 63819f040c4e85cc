/** The colour bar of a map as SVG: the negative colours, the gap below the threshold, the positive ones, and the numbers below them. */
import { html, type Markup } from "./markup.ts"
import { hundredths, significant } from "./numbers.ts"
import type { ColourScale } from "./ReportData.ts"

const width = 360
const barHeight = 14
const halfWidth = 130
/** Room for half of the first and the last number. */
const margin = 24

/** Negative colours are drawn from the limit to the threshold. */
export const colourBar = ({ statistic, threshold, limit, positive, negative }: ColourScale): Markup => {
  const [left, right] = [margin, width - margin - halfWidth]
  const ticks: ReadonlyArray<readonly [number, number]> = [
    [left, -limit],
    [left + halfWidth, -threshold],
    [right, threshold],
    [right + halfWidth, limit]
  ]
  const [from, to] = [significant(threshold), significant(limit)]
  return html`<svg class="colour-bar" viewBox="0 0 ${width} 46" width="${width}" height="46" role="img" aria-label="Colours of ${statistic}: nothing between -${from} and ${from}, full colour from ${to} and -${to} on">
<rect class="frame" x="${left - 0.5}" y="1.5" width="${right + halfWidth - left + 1}" height="${barHeight + 1}"/>
${steps(negative.toReversed(), left)}${steps(positive, right)}
${ticks.map(([x, value]) => html`<path class="tick" d="M${x} ${barHeight + 3}v4"/><text x="${x}" y="${barHeight + 18}" text-anchor="middle">${significant(value)}</text>`)}
<text class="unit" x="${width / 2}" y="43" text-anchor="middle">${statistic}</text>
</svg>`
}

const steps = (colours: ReadonlyArray<string>, x: number): ReadonlyArray<Markup> => {
  const step = halfWidth / colours.length
  // A step overlaps the next by a hair, so that no gap shows between them.
  return colours.map(
    (colour, n) =>
      html`<rect x="${hundredths(x + n * step)}" y="2" width="${hundredths(step + (n < colours.length - 1 ? 0.5 : 0))}" height="${barHeight}" fill="${colour}"/>`
  )
}
