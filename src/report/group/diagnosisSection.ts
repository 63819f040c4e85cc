/** The part of a group's report about its maps themselves: how much of them is the connectome's own shape, and how often labels at random are significant. */
import { colourBar } from "../colourBar.ts"
import { html, type Markup } from "../markup.ts"
import { listed } from "../methodsText.ts"
import { decimals } from "../numbers.ts"
import { manySlices } from "../picture.ts"
import { references } from "../references.ts"
import type { DiagnosisFindings, ReportedGroup } from "./GroupFindings.ts"
import { type GroupTable, numberIn } from "./groupTable.ts"
import { groupTableMarkup } from "./groupTableMarkup.ts"
import { type Likeness, likenessChart } from "./likenessChart.ts"

/** Undefined where nothing was diagnosed. */
export const diagnosisSection = ({ diagnosis }: ReportedGroup): Markup | undefined => {
  if (diagnosis === undefined) return undefined
  const { centrality, simulation, compared, comparisons } = diagnosis
  return html`<section id="diagnosis" aria-labelledby="diagnosis-title">
<h2 id="diagnosis-title">How much is the connectome's own</h2>
${comparisons === undefined ? undefined : likeness(comparisons, diagnosis.sentences)}${mean(diagnosis)}${components(diagnosis)}${
  centrality === undefined
    ? undefined
    : html`<h3>Centrality by group</h3><p>Mean of a patient's map outside of the lesion: how well connected the injured tissue is. Where groups differ in it, a contrast without it as a covariate may find that difference and nothing else.</p>${groupTableMarkup(centrality, { caption: "Centrality by group" })}`
}${
  simulation === undefined
    ? undefined
    : html`<h3>Labels at random</h3><p>Each contrast was computed many times over with its labels dealt out at random. About 5 % of such studies should find something; where the interval does not hold 5 %, the contrast's p are not to be trusted as they are.</p>${groupTableMarkup(simulation, { caption: "False positives with labels at random" })}`
}${
  compared === undefined
    ? undefined
    : html`<h3>Compared with another analysis</h3><p>Correlation over voxels of this analysis's maps with those of another, and how often it is as large where scores are permuted in each.</p>${groupTableMarkup(compared, { caption: "Comparison with another analysis" })}`
}</section>
`
}

const degreeName = "degree"

/** What maps were compared with, the degree first. */
const comparedWith = ({ rows }: GroupTable): ReadonlyArray<string> => {
  const names = [...new Set(rows.map((row) => row.compared_with ?? ""))]
  return [...names.filter((name) => name === degreeName), ...names.filter((name) => name !== degreeName)]
}

const likenessRows = (table: GroupTable, names: ReadonlyArray<string>): ReadonlyArray<Likeness> =>
  [...Map.groupBy(table.rows, (row) => row.map ?? "")].map(([map, own]) => ({
    map: mapWords(map),
    with: names.map((name) => {
      const row = own.find(({ compared_with }) => compared_with === name)
      const r = row === undefined ? Number.NaN : numberIn(row, "r")
      return Number.isFinite(r) ? r : undefined
    })
  }))

/** A map as its file is named, in words: "desc-aphasia_stat-t" is "aphasia t". */
const mapWords = (map: string): string => map.replaceAll(/(?:^|_)(?:desc|stat)-/g, " ").trim()

/** |r| with the degree from which a map is said to look like it: they share a quarter of their variance. */
const muchAlike = 0.5

const likeness = (table: GroupTable, sentences: ReadonlyArray<string>): Markup => {
  const { doi, short } = references.degree
  const names = comparedWith(table)
  const rows = likenessRows(table, names)
  return html`<h3>Likeness to the degree</h3>
<p>Whatever the lesions, averages of many maps come to look like the connectome's degree, the mean correlation of a voxel with all others, and like the main components along which the patients' maps differ (${short}, doi:<a href="https://doi.org/${doi}">${doi}</a>). A map of a test that is much like them may be about how well connected the injured tissue is, and not about the symptom.</p>
${sentences.length === 0 ? html`<p>${likenessWords(rows, names)}</p>` : html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
<figure>${likenessChart(chartNames(names), rows)}</figure>
${groupTableMarkup(table, { caption: "Likeness of the maps to degree and components" })}`
}

/** A space between a name and its number. */
const chartNames = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => name.replace(/(?<=[a-z])(?=\d)/, " "))

export const likenessWords = (rows: ReadonlyArray<Likeness>, names: ReadonlyArray<string>): string => {
  if (!names.includes(degreeName)) {
    return "There is no map of the connectome's degree here, so that nothing is compared with it: what is the connectome's own cannot be told from what is the symptom's."
  }
  const alike = rows.filter(({ with: [r] }) => r !== undefined && Math.abs(r) >= muchAlike)
  if (alike.length === 0) return `No map has an r of ${muchAlike} or more, or -${muchAlike} or less, with the degree.`
  const named = alike.map(({ map, with: [r] }) => `${map} (r = ${decimals(r!, 2)})`)
  return `Much like the degree ${alike.length === 1 ? "is" : "are"} ${listed(named)}.`
}

const mean = ({ mean: shown }: DiagnosisFindings): Markup | undefined =>
  shown === undefined
    ? undefined
    : html`<h3>Mean of the patients' maps</h3><p>An average is no evidence for a network of a symptom, whatever it looks like.</p>${manySlices(shown.commonSlices, "mean of the patients' maps")}${colourBar(shown.scale)}`

const components = ({ components: shown }: DiagnosisFindings): Markup | undefined =>
  shown.length === 0
    ? undefined
    : html`<h3>Components of the patients' maps</h3><p>The main patterns by which the maps of these patients differ from one another, whatever their symptoms. Which sign is which is arbitrary.</p>${shown.map(({ title, pictures }) => html`<h4>${title}</h4>${manySlices(pictures.commonSlices, title.toLowerCase())}${colourBar(pictures.scale)}`)}`
