/** Colour bars as SVG, with numbers: of a map the negative colours, the gap below the threshold and the positive ones; of counts one row. */
import { html, type Markup } from "./markup.ts"
import { count, hundredths, trimmed } from "./numbers.ts"
import type { ColourScale, OverlapFindings } from "./ReportData.ts"

const width = 360
const barHeight = 14
const halfWidth = 130
/** Room for half of the first and the last number. */
const margin = 24

/** A generous width of a digit. */
const digitWidth = 7

type Tick = readonly [x: number, text: string]

/** Negative colours are drawn from the limit to the threshold. */
export const colourBar = ({
  statistic,
  threshold,
  limit,
  positive,
  negative
}: Omit<ColourScale, "statistic"> & { readonly statistic: string }): Markup => {
  const [left, right] = [margin, width - margin - halfWidth]
  const [from, to] = [trimmed(threshold), trimmed(limit)]
  return bar({
    width,
    label: `Colours of ${statistic}: nothing between -${from} and ${from}, full colour from ${to} and -${to} on`,
    unit: statistic,
    steps: [steps(negative.toReversed(), left), steps(positive, right)],
    ticks: [[left, `-${to}`], ...thresholdTicks(left + halfWidth, right, from), [right + halfWidth, to]]
  })
}

/** The threshold on both sides of the gap, or once in its middle where the two numbers would touch. */
const thresholdTicks = (left: number, right: number, threshold: string): ReadonlyArray<Tick> =>
  (threshold.length + 1) * digitWidth < right - left
    ? [
        [left, `-${threshold}`],
        [right, threshold]
      ]
    : [[(left + right) / 2, `±${threshold}`]]

/** The colours of counts of lesions, or of what else is named. */
export const countBar = (
  { from, to, colours }: NonNullable<OverlapFindings["colours"]>,
  unit: string = "lesions"
): Markup =>
  bar({
    width: halfWidth + 2 * margin,
    label: `Colours of counts: from ${count(from)} to ${count(to)} ${unit}`,
    unit,
    steps: [steps(colours, margin)],
    ticks: [
      [margin, count(from)],
      [margin + halfWidth, count(to)]
    ]
  })

interface Bar {
  readonly width: number
  /** For whoever does not see it. */
  readonly label: string
  readonly unit: string
  readonly steps: ReadonlyArray<Markup>
  readonly ticks: ReadonlyArray<Tick>
}

const bar = ({ width, label, unit, steps, ticks }: Bar): Markup =>
  html`<svg class="colour-bar" viewBox="0 0 ${width} 46" width="${width}" height="46" role="img" aria-label="${label}">
<rect class="frame" x="${margin - 0.5}" y="1.5" width="${width - 2 * margin + 1}" height="${barHeight + 1}"/>
${steps}
${ticks.map(([x, text]) => html`<path class="tick" d="M${x} ${barHeight + 3}v4"/><text x="${x}" y="${barHeight + 18}" text-anchor="middle">${text}</text>`)}
<text class="unit" x="${width / 2}" y="43" text-anchor="middle">${unit}</text>
</svg>`

const steps = (colours: ReadonlyArray<string>, x: number): Markup => {
  const step = halfWidth / colours.length
  // A step overlaps the next by a hair, so that no gap shows between them.
  return html`${colours.map(
    (colour, n) =>
      html`<rect x="${hundredths(x + n * step)}" y="2" width="${hundredths(step + (n < colours.length - 1 ? 0.5 : 0))}" height="${barHeight}" fill="${colour}"/>`
  )}`
}
