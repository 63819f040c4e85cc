/** Pairs of numbers as points. */
import { html, type Markup } from "../markup.ts"
import { several } from "../numbers.ts"
import { type Axis, plot, rangeOf, said } from "./plot.ts"

export interface ScatterChart {
  readonly x: { readonly title: string; readonly values: ReadonlyArray<number> }
  readonly y: { readonly title: string; readonly values: ReadonlyArray<number> }
  readonly one: string
}

/** Pairs of which both numbers are known. */
export const scatterChart = ({ x, y, one }: ScatterChart): Markup => {
  const points = x.values
    .map((value, n) => [value, y.values[n]!] as const)
    .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
  const across: Axis = { title: x.title, ...rangeOf(points.map(([value]) => value)) }
  const up: Axis = { title: y.title, ...rangeOf(points.map(([, value]) => value)) }
  const chart = plot(across, up)
  const label = `${y.title} by ${x.title} of ${several(points.length, one)}: ${x.title} from ${said(across.least)} to ${said(across.most)}, ${y.title} from ${said(up.least)} to ${said(up.most)}`
  return chart.draw(
    label,
    html`${points.map(([a, b]) => html`<circle class="point" cx="${chart.x(a)}" cy="${chart.y(b)}" r="4"/>`)}`
  )
}
