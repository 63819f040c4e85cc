/** The part of the report about one lesion: its slices with their colours, its clusters, and what else was found in its map. */
import { colourBar } from "./colourBar.ts"
import { histogramChart } from "./histogramChart.ts"
import { html, type Markup } from "./markup.ts"
import { count, decimals, percent, place, several, significant, trimmed } from "./numbers.ts"
import { manySlices, sliceRow } from "./picture.ts"
import type { Cluster, LesionFindings, NetworkShare } from "./ReportData.ts"
import type { ShownLesion } from "./ReportedRun.ts"
import { type Column, table } from "./table.ts"

/** @param background what the slices lie over, in words */
export const lesionSection = (lesion: ShownLesion, background: string): Markup => {
  const { anchor, name, scale, summary } = lesion
  const title = `${anchor}-title`
  return html`<section class="lesion" id="${anchor}" aria-labelledby="${title}" data-name="${name}">
<h3 id="${title}">${name}</h3>
${typeof summary.warnings === "string" ? html`<p class="own-warning">${summary.warnings}</p>` : undefined}
${pictures(lesion)}
<div class="scale">${colourBar(scale)}<p class="detail">${scaleWords(lesion, background)}</p></div>
<div class="findings"><div>${clusters(lesion)}${networks(lesion)}</div><div>${facts(lesion)}${histogram(lesion)}</div></div></section>
`
}

/** Of hundreds of lesions the small picture is all that there is. */
const pictures = ({ ownSlices, commonSlices, thumbnail, scale, name }: LesionFindings): Markup => {
  const of = `${scale.statistic} map of ${name}`
  if (ownSlices.length + commonSlices.length === 0) return sliceRow([thumbnail], of)
  return html`${ownSlices.length === 0 ? undefined : html`<h4>Through the strongest voxel</h4>${sliceRow(ownSlices, of)}`}${
    commonSlices.length === 0
      ? undefined
      : html`<h4>At the same places for all lesions</h4>${manySlices(commonSlices, of)}`
  }`
}

const scaleWords = ({ scale: { statistic, threshold, limit } }: LesionFindings, background: string): string =>
  `Shown where ${statistic} is ${trimmed(threshold)} or more, or -${trimmed(threshold)} or less; full colour from ±${trimmed(limit)} on. The line is the outline of the lesion. Background: ${background}.`

const clusters = (lesion: LesionFindings): Markup => {
  const { clusters: listed, clusterCount, scale, name } = lesion
  const heading = html`<h4>Clusters beyond ±${trimmed(scale.threshold)}</h4>`
  if (listed.length === 0) return html`${heading}<p>No voxel of the map is beyond the threshold.</p>`
  const rest = clusterCount - listed.length
  return html`${heading}${table(columnsFor(listed), listed, { caption: `Clusters of ${name}` })}${
    rest > 0 ? html`<p class="detail">${several(rest, "smaller or weaker cluster")} not listed.</p>` : undefined
  }`
}

/** Further peaks that a row names; more are counted. */
const mostPeaks = 3

const columnsFor = (clusters: ReadonlyArray<Cluster>): ReadonlyArray<Column<Cluster>> => {
  const parcellations = new Set(clusters.flatMap(({ parcels }) => parcels.map(({ parcellation }) => parcellation)))
  const statistic = (head: "t" | "r" | "z", places: number): ReadonlyArray<Column<Cluster>> =>
    clusters.every((cluster) => cluster[head] === null)
      ? []
      : [{ head, numeric: true, cell: (cluster) => (cluster[head] === null ? "n/a" : decimals(cluster[head], places)) }]
  return [
    { head: "Cluster", cell: ({ sign }, n) => `${n + 1} ${sign > 0 ? "(+)" : "(-)"}` },
    { head: "Voxels", numeric: true, cell: ({ voxels }) => count(voxels) },
    { head: "mL", numeric: true, cell: ({ volumeMm3 }) => significant(volumeMm3 / 1000, 2) },
    { head: "Peak (x, y, z mm)", numeric: true, cell: ({ peakMm }) => place(peakMm) },
    ...statistic("t", 1),
    ...statistic("r", 2),
    ...statistic("z", 2),
    ...(parcellations.size === 0 ? [] : [{ head: "Parcel at the peak", cell: parcelsOf(parcellations.size > 1) }]),
    ...(clusters.every(({ furtherPeaks }) => furtherPeaks.length === 0)
      ? []
      : [{ head: "Further peaks", cell: furtherPeaksOf }])
  ]
}

const parcelsOf =
  (several: boolean) =>
  ({ parcels }: Cluster): string =>
    parcels.map(({ parcellation, parcel }) => (several ? `${parcellation}: ${parcel}` : parcel)).join("; ")

const furtherPeaksOf = ({ furtherPeaks }: Cluster): Markup => {
  const named = furtherPeaks.slice(0, mostPeaks)
  const rest = furtherPeaks.length - named.length
  return html`${named.map(
    ({ positionMm, value }, n) =>
      html`<span class="whole">(${place(positionMm)}) ${significant(value)}${n < named.length - 1 || rest > 0 ? ";" : ""}</span> `
  )}${rest > 0 ? html`<span class="whole">${rest} more</span>` : undefined}`
}

const networks = ({ networks, name }: LesionFindings): ReadonlyArray<Markup> =>
  [...Map.groupBy(networks, ({ parcellation }) => parcellation)].map(
    ([parcellation, shares]) =>
      html`<h4>Networks of ${parcellation}</h4>${table<NetworkShare>(
        [
          { head: "Network", cell: ({ network }) => network },
          { head: "Of the positive voxels", numeric: true, cell: ({ positive }) => shareBar(positive, "positive") },
          { head: "Of the negative voxels", numeric: true, cell: ({ negative }) => shareBar(negative, "negative") }
        ],
        shares,
        { caption: `Shares of the networks of ${parcellation} in the map of ${name}` }
      )}`
  )

const barWidth = 60

const shareBar = (share: number, sign: "positive" | "negative"): Markup =>
  html`<span class="share"><svg class="${sign}" width="${barWidth}" height="10" aria-hidden="true"><rect width="${Math.round(barWidth * Math.min(1, share))}" height="10"/></svg><span>${percent(share)}</span></span>`

const facts = (lesion: LesionFindings): Markup => {
  const { lesionVoxels, lesionVolumeMm3, shareInMask, similarityToMean, similarityToDegree } = lesion
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Lesion", `${significant(lesionVolumeMm3 / 1000)} mL, ${several(lesionVoxels, "voxel")}`],
    ["Inside the brain mask", percent(shareInMask)],
    ...similarity("Like the mean map of all lesions", similarityToMean),
    ...similarity("Like the connectome's degree", similarityToDegree)
  ]
  return html`<h4>Facts</h4><dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

const similarity = (name: string, r: number | null): ReadonlyArray<readonly [string, string]> =>
  r === null ? [] : [[name, `r = ${decimals(r, 2)}`]]

const histogram = ({ histogram }: LesionFindings): Markup | undefined =>
  histogram === null ? undefined : html`<h4>Histogram of r</h4>${histogramChart(histogram)}`
