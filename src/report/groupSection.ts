/** The part of the report about all lesions together: their thumbnails, the table of them, overlaps, the degree, and the seed matrix. */
import { colourBar, countBar } from "./colourBar.ts"
import { degreeWords } from "./degreeWords.ts"
import { lesionTable } from "./lesionTable.ts"
import { html, type Markup } from "./markup.ts"
import { count, percent, place, several, significant } from "./numbers.ts"
import { dataUri, image, manySlices } from "./picture.ts"
import type { GroupFindings, OverlapFindings } from "./ReportData.ts"
import { type ReportedRun, type ShownLesion, shownLesions } from "./ReportedRun.ts"
import { references } from "./references.ts"

export const groupSection = (run: ReportedRun): Markup => {
  const lesions = shownLesions(run)
  const { group } = run.findings
  return html`<section id="lesions" aria-labelledby="lesions-title">
<h2 id="lesions-title">${lesions.length === 1 ? "The lesion" : "All lesions"}</h2>
<search class="filter" hidden><label for="filter">Show lesions whose name holds</label> <input id="filter" type="search" autocomplete="off" spellcheck="false"> <output for="filter" id="shown"></output></search>
${overview(lesions)}
<h3>In numbers, lesion by lesion</h3>
${lesionTable(lesions)}
${overlaps(group, lesions.length)}${degree(group)}${seedMatrix(group)}</section>
`
}

const overview = (
  lesions: ReadonlyArray<ShownLesion>
): Markup => html`<p class="detail">Axial slices; the left of the brain is at the left. The colours are those of each lesion's own part.</p>
<ul class="overview" aria-label="Thumbnails of all maps">
${lesions.map(({ thumbnail, name, anchor }) => html`<li data-name="${name}"><a href="#${anchor}">${image(thumbnail, `map of ${name}`)}<span>${name}</span></a></li>\n`)}</ul>`

const overlaps = (
  { lesionOverlap, networkOverlap, noOverlapBecause }: GroupFindings,
  lesions: number
): Markup | undefined => {
  if (lesions < 2) return undefined
  return html`<section aria-labelledby="overlap-title"><h3 id="overlap-title">What lesions share</h3>
${noOverlapBecause === undefined ? undefined : html`<p>Overlap is not shown: ${noOverlapBecause}.</p>`}
${lesionOverlap === undefined ? undefined : html`<h4>Overlap of the lesions themselves</h4>${overlap(lesionOverlap, "lesions")}`}
${
  networkOverlap.length === 0
    ? undefined
    : html`<h4>Overlap of their networks</h4><p>Share of lesions whose map reaches a threshold in a voxel. How much of it is the connectome's own shape, the next part helps to tell.</p>${networkOverlap.map((one) => html`<h5>${one.title}</h5>${overlap(one, "networks")}`)}`
}</section>
`
}

const overlap = ({ title, most, of, voxelsAtMost, peakMm, slices, colours }: OverlapFindings, what: string): Markup =>
  html`<p>${overlapWords(most, of, what)}${
    most < 2
      ? undefined
      : ` So many meet in ${several(voxelsAtMost, "voxel")}${peakMm === undefined ? "" : `, the largest cluster of these around (${place(peakMm)}) mm`}.`
  }</p>${most === 0 ? undefined : html`${manySlices(slices, title)}${colours === undefined ? undefined : countBar(colours)}`}`

const overlapWords = (most: number, of: number, what: string): string => {
  if (most === 0) return `None of the ${count(of)} ${what} has a voxel here.`
  return most === 1
    ? `No two of the ${count(of)} ${what} meet in a voxel.`
    : `At most ${count(most)} of the ${count(of)} ${what} (${percent(most / of)}) meet in a voxel.`
}

const degree = (group: GroupFindings): Markup => {
  const { text, cites } = degreeWords(group)
  const { doi, short } = references.degree
  return html`<section aria-labelledby="degree-title"><h3 id="degree-title">Degree of the connectome</h3>
<p>${text}${cites ? html` (${short}, doi:<a href="https://doi.org/${doi}">${doi}</a>)` : undefined}</p>
${group.degree === undefined ? undefined : html`${manySlices(group.degree.slices, "degree of the connectome")}${group.degree.scale === undefined ? undefined : colourBar(group.degree.scale)}`}</section>
`
}

const seedMatrix = ({ seedMatrix }: GroupFindings): Markup | undefined =>
  seedMatrix === undefined
    ? undefined
    : html`<section aria-labelledby="matrix-title"><h3 id="matrix-title">Connectivity of every lesion with every other</h3>
<img class="matrix" src="${dataUri(seedMatrix.png)}" alt="Matrix of the connectivity between the seeds of ${several(seedMatrix.names.length, "lesion")}" loading="lazy" decoding="async">
${seedMatrix.limit === undefined ? undefined : html`<p class="detail">Warm colours: positive r, cool ones: negative r; full colour from |r| = ${significant(seedMatrix.limit)} on. The table has the numbers.</p>`}
<details><summary>Rows from top to bottom, columns from left to right</summary><ol>${seedMatrix.names.map((name) => html`<li>${name}</li>`)}</ol></details></section>
`
