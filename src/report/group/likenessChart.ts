/** How like each map of a group is to the connectome's degree and to the components of the patients' maps: a row a map, r from -1 to 1. */
import { html, type Markup } from "../markup.ts"
import { decimals, hundredths } from "../numbers.ts"

export interface Likeness {
  readonly map: string
  /** r by what it was compared with, in the order of the legend; undefined where it was not. */
  readonly with: ReadonlyArray<number | undefined>
}

const width = 560
const [left, right, top] = [190, 540, 56]
const rowHeight = 30
const legendStep = 128

/** Letters of a map's name that fit. */
const mostLetters = 26

export const likenessChart = (names: ReadonlyArray<string>, rows: ReadonlyArray<Likeness>): Markup => {
  const base = top + rows.length * rowHeight
  const x = (r: number): number => hundredths(left + ((r + 1) / 2) * (right - left))
  const label = rows
    .map(
      ({ map, with: values }) =>
        `${map}: ${values.flatMap((r, n) => (r === undefined ? [] : [`${names[n]} r = ${decimals(r, 2)}`])).join(", ")}`
    )
    .join("; ")
  return html`<svg class="plot" viewBox="0 0 ${width} ${base + 36}" width="${width}" height="${base + 36}" role="img" aria-label="${label}">
${names.map((name, n) => html`${mark(n, 12 + n * legendStep, 14)}<text x="${24 + n * legendStep}" y="18">${name}</text>`)}
${[-1, -0.5, 0, 0.5, 1].map((r) => html`<path class="grid" d="M${x(r)} ${top - 6}V${base}"/><text x="${x(r)}" y="${base + 20}" text-anchor="middle">${String(r).replace("-", "−")}</text>`)}
<path class="limit" d="M${x(0)} ${top - 6}V${base}"/>
${rows.map(({ map, with: values }, row) => {
  const y = top + row * rowHeight + rowHeight / 2
  return html`<text x="${left - 12}" y="${y + 4}" text-anchor="end"><title>${map}</title>${shortened(map)}</text><path class="grid" d="M${left} ${y}H${right}"/>${values.map((r, n) => (r === undefined ? undefined : mark(n, x(Math.max(-1, Math.min(1, r))), y)))}`
})}
<text x="${(left + right) / 2}" y="${top - 14}" text-anchor="middle">correlation r over voxels</text>
</svg>`
}

const shortened = (name: string): string => (name.length <= mostLetters ? name : `${name.slice(0, mostLetters - 1)}…`)

/** The degree is a filled circle; components a square, a diamond and a triangle, so that no colour is needed to tell them. */
const mark = (n: number, x: number, y: number): Markup => {
  if (n === 0) return html`<circle class="point strong" cx="${x}" cy="${y}" r="6"/>`
  const shapes = [`M${x - 5} ${y - 5}h10v10h-10Z`, `M${x} ${y - 7}l7 7l-7 7l-7 -7Z`, `M${x} ${y - 7}l7 12h-14Z`]
  return html`<path class="mark" d="${shapes[(n - 1) % shapes.length]!}"/>`
}
