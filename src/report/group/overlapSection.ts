/** The part of a group's report about the overlap of the patients' networks: its sweep over levels of t, its maps, and the conjunction. */
import { countBar } from "../colourBar.ts"
import { html, type Markup } from "../markup.ts"
import { manySlices } from "../picture.ts"
import { references } from "../references.ts"
import type { CountPictures, OverlapSweep, ReportedGroup } from "./GroupFindings.ts"
import { type GroupTable, numberIn } from "./groupTable.ts"
import { groupTableMarkup } from "./groupTableMarkup.ts"
import { type SweepLine, sweepCaption, sweepChart } from "./sweepChart.ts"

/** Undefined where there is no overlap. */
export const overlapSection = ({ overlap, conjunction }: ReportedGroup): Markup | undefined => {
  if (overlap === undefined && conjunction === undefined) return undefined
  const { doi, short } = references.degree
  return html`<section id="overlap" aria-labelledby="overlap-title">
<h2 id="overlap-title">What networks share</h2>
<p>In how many patients a voxel's connectivity with the lesion is beyond a level of t. It says nothing of the symptom: networks of any lesions meet in the hubs of the connectome (${short}, doi:<a href="https://doi.org/${doi}">${doi}</a>). A test is a contrast of patients with and without it.</p>
${overlap === undefined ? undefined : sweep(overlap)}${
  conjunction === undefined
    ? undefined
    : html`<h3>Conjunction with the contrasts</h3><p>Voxels in the overlap that are also significant in a contrast, with the same sign.</p>${groupTableMarkup(conjunction, { caption: "Conjunctions of the overlap and the contrasts" })}`
}</section>
`
}

const sweep = ({ levels, clusters, pictures }: OverlapSweep): Markup => html`${charts(levels)}
${pictures.map(picture)}
<details><summary>All levels in numbers</summary>${groupTableMarkup(levels, { caption: "Overlap by level, share and sign" })}</details>
${
  clusters === undefined || clusters.rows.length === 0
    ? undefined
    : html`<h3>Clusters of the overlap</h3>${groupTableMarkup(clusters, { caption: "Clusters of the overlap" })}`
}`

const picture = ({ title, slices, ...colours }: CountPictures): Markup =>
  html`<h3>${title}</h3>${manySlices(slices, `overlap at ${title}`)}${countBar(colours, "patients")}`

/** Signs as tables may have them. */
const signOf = (cell: string | undefined): 1 | -1 | 0 =>
  cell === undefined ? 0 : /^(?:\+|1$|\+1$|pos)/.test(cell) ? 1 : /^(?:-|−|neg)/.test(cell) ? -1 : 0

const charts = (levels: GroupTable): Markup | undefined => {
  const figures = ([1, -1] as const).flatMap((sign) => {
    const lines = sweepLines(levels, sign)
    if (lines.length === 0) return []
    const title = sign > 0 ? "t at or above the level" : "t at or below the negative level"
    return [
      html`<figure><h3>${title}</h3>${sweepChart(title, lines)}<figcaption>${sweepCaption(lines)}.</figcaption></figure>`
    ]
  })
  return figures.length === 0 ? undefined : html`<div class="charts">${figures}</div>`
}

/** A line for each share of a sign, its points in order of the level. */
export const sweepLines = (levels: GroupTable, sign: 1 | -1): ReadonlyArray<SweepLine> => {
  const own = levels.rows.filter((row) => signOf(row.sign) === sign)
  const shares = [...new Set(own.map((row) => numberIn(row, "share")))].filter(Number.isFinite).sort((a, b) => a - b)
  return shares.map((share) => ({
    share: share > 1 ? share / 100 : share,
    points: own
      .filter((row) => numberIn(row, "share") === share)
      .map((row) => ({ tau: numberIn(row, "tau"), volumeMl: numberIn(row, "volume_ml") }))
      .sort((a, b) => a.tau - b.tau)
  }))
}
