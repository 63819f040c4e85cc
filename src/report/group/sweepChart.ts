/** How large the overlap is at each level of t: a line for each share of patients. */
import { html, type Markup } from "../markup.ts"
import { percent, several } from "../numbers.ts"
import { plot, plotEdges, rangeOf, said } from "./plot.ts"

export interface SweepLine {
  /** Of patients, from 0 to 1. */
  readonly share: number
  /** In order of the level. */
  readonly points: ReadonlyArray<{ readonly tau: number; readonly volumeMl: number }>
}

/** Room of a line's name above the chart. */
const legendStep = 90

export const sweepChart = (title: string, lines: ReadonlyArray<SweepLine>): Markup => {
  const points = lines.flatMap((line) => line.points)
  const taus = points.map(({ tau }) => tau)
  const most = Math.max(0, ...points.map(({ volumeMl }) => volumeMl))
  const chart = plot({ title: "t from which a patient counts", ...rangeOf(taus) }, { title: "mL", least: 0, most })
  const label = `${title}: ${lines.map(({ share, points: own }) => `${percent(share)} of patients share ${own.map(({ tau, volumeMl }) => `${said(volumeMl)} mL at ${said(tau)}`).join(", ")}`).join("; ")}`
  return chart.draw(
    label,
    html`${lines.map(({ share, points: own }, n) => {
      const path = own.map(({ tau, volumeMl }) => `${chart.x(tau)} ${chart.y(volumeMl)}`).join("L")
      const x = plotEdges.left + n * legendStep
      return html`<g class="series series-${n % 4}"><path d="M${path}"/>${own.map(({ tau, volumeMl }) => html`<circle cx="${chart.x(tau)}" cy="${chart.y(volumeMl)}" r="3"/>`)}<path d="M${x} 28h24"/></g><text x="${x + 30}" y="32">${share >= 1 ? "all" : `≥ ${percent(share)}`}</text>`
    })}`
  )
}

/** A caption, which says what the lines are. */
export const sweepCaption = (lines: ReadonlyArray<SweepLine>): string =>
  `Volume in which at least a share of the patients meet, at ${several(new Set(lines.flatMap(({ points }) => points.map(({ tau }) => tau))).size, "level")} of t`
