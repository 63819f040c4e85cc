/** A quantity over the time of a run as SVG, with the run's phases as bands below it. */
import { html, type Markup } from "./markup.ts"
import { count, decimals, hundredths } from "./numbers.ts"
import { ticksUpTo } from "./ticks.ts"

export interface TimeChart {
  readonly title: string
  /** Said after the numbers of the axis. */
  readonly unit: string
  /** In order of time. */
  readonly points: ReadonlyArray<{ readonly seconds: number; readonly value: number }>
  /** Where each phase begins. */
  readonly phases: ReadonlyArray<{ readonly name: string; readonly seconds: number }>
  readonly seconds: number
  /** A line across, as what was planned. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined
}

const width = 560
const height = 250
const [left, right, top, base] = [58, 548, 16, 186]

export const timeChart = ({ title, unit, points, phases, seconds, limit }: TimeChart): Markup => {
  const ticks = ticksUpTo(Math.max(limit?.value ?? 0, ...points.map(({ value }) => value)))
  const most = ticks.at(-1)!
  const time = Math.max(seconds, points.at(-1)?.seconds ?? 0, 1e-3)
  const x = (at: number): number => hundredths(left + (at / time) * (right - left))
  const y = (value: number): number => hundredths(base - (value / most) * (base - top))
  const line = points.map((point) => `${x(point.seconds)} ${y(point.value)}`).join("L")
  const [first, last] = [points[0], points.at(-1)]
  return html`<svg class="time-chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}: ${summaryOf(points, unit)}">
${ticks.map((value) => html`<path class="grid" d="M${left} ${y(value)}H${right}"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${tickText(value)}</text>`)}
${
  first === undefined || last === undefined
    ? undefined
    : html`<path class="area" d="M${x(first.seconds)} ${base}L${line}L${x(last.seconds)} ${base}Z"/><path class="line" d="M${line}"/>`
}
${
  limit === undefined
    ? undefined
    : html`<path class="limit" d="M${left} ${y(limit.value)}H${right}"/><text class="limit-name" x="${right - 4}" y="${y(limit.value) + (y(limit.value) < top + 14 ? 14 : -6)}" text-anchor="end">${limit.name}</text>`
}
<path class="axis" d="M${left} ${base + 0.5}H${right}"/>
${timeTicks(time).map((at) => html`<path class="tick" d="M${x(at)} ${base}v5"/><text x="${x(at)}" y="${base + 19}" text-anchor="middle">${clock(at, time)}</text>`)}
${bands(phases, time, x)}
</svg>`
}

const summaryOf = (points: TimeChart["points"], unit: string): string =>
  points.length === 0
    ? "nothing was measured"
    : `at most ${decimals(Math.max(...points.map(({ value }) => value)), 1)} ${unit}`

const tickText = (value: number): string => (Number.isInteger(value) ? count(value) : String(value))

/** Multiples of what a clock shows: seconds, minutes or hours. */
const timeTicks = (time: number): ReadonlyArray<number> => {
  const unit = time > 3 * 3600 ? 3600 : time > 180 ? 60 : 1
  return ticksUpTo(time / unit, 5)
    .map((tick) => tick * unit)
    .filter((at) => at <= time)
}

const clock = (at: number, time: number): string =>
  time > 3 * 3600
    ? `${Number((at / 3600).toFixed(2))} h`
    : time > 180
      ? `${Number((at / 60).toFixed(2))} min`
      : `${Number(at.toFixed(3))} s`

/** Pixels that a letter of a phase's name takes at most. */
const letterWidth = 6.6

/** A band a phase, with its name where there is room. */
const bands = (phases: TimeChart["phases"], time: number, x: (at: number) => number): ReadonlyArray<Markup> =>
  phases.map(({ name, seconds }, n) => {
    const [from, to] = [x(seconds), x(phases[n + 1]?.seconds ?? time)]
    const fits = name.length * letterWidth < to - from
    return html`<g class="phase phase-${n % 2}"><title>${name}</title><rect x="${from}" y="218" width="${hundredths(Math.max(0, to - from))}" height="22"/>${
      fits ? html`<text x="${hundredths((from + to) / 2)}" y="233" text-anchor="middle">${name}</text>` : undefined
    }</g>`
  })
