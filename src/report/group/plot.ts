/** The frame of a chart with two axes as SVG: round numbers at both, and where a value lies. */
import { html, type Markup } from "../markup.ts"
import { count, hundredths, significant, trimmed } from "../numbers.ts"
import { ticksBetween } from "../ticks.ts"

const width = 460
const height = 300
const [left, right, top, base] = [64, 444, 52, 244]

/** Places of the frame, for what is drawn in it. */
export const plotEdges = { left, right, top, base } as const

export interface Axis {
  readonly least: number
  readonly most: number
  /** What it shows, with its unit. */
  readonly title: string
}

export interface Plot {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  /** The whole drawing, of what is said of it for those who do not see it, and what is drawn in the frame. */
  readonly draw: (label: string, content: Markup) => Markup
}

export const plot = (across: Axis, up: Axis): Plot => {
  const xTicks = ticksBetween(across.least, across.most, 5)
  const yTicks = ticksBetween(up.least, up.most, 4)
  const place = (ticks: ReadonlyArray<number>, from: number, to: number) => (value: number) =>
    hundredths(from + ((value - ticks[0]!) / (ticks.at(-1)! - ticks[0]!)) * (to - from))
  const [x, y] = [place(xTicks, left, right), place(yTicks, base, top)]
  return {
    x,
    y,
    draw: (label, content) =>
      html`<svg class="plot" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${yTicks.map((value) => html`<path class="grid" d="M${left} ${y(value)}H${right}"/><text x="${left - 8}" y="${hundredths(y(value) + 4)}" text-anchor="end">${tickText(value)}</text>`)}
${content}
<path class="axis" d="M${left} ${base + 0.5}H${right}"/>
${xTicks.map((value) => html`<path class="tick" d="M${x(value)} ${base}v5"/><text x="${x(value)}" y="${base + 20}" text-anchor="middle">${tickText(value)}</text>`)}
<text x="${(left + right) / 2}" y="${base + 44}" text-anchor="middle">${across.title}</text>
<text x="4" y="14">${up.title}</text>
</svg>`
  }
}

const tickText = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return value < 0 ? `−${count(-value)}` : count(value)
  return trimmed(value).replace("-", "−")
}

/** Range of some values, which is never empty. */
export const rangeOf = (values: ReadonlyArray<number>): { readonly least: number; readonly most: number } => {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return { least: 0, most: 1 }
  const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))]
  return most > least ? { least, most } : { least: least - 0.5, most: most + 0.5 }
}

/** A number in the words of a chart's label. */
export const said = (value: number): string => significant(value)
