/** The parts about a run that every report has, whatever the pipeline: its warnings, its numbers, the methods text, memory over time, and the files. */
import type { Manifest } from "../output/Manifest.ts"
import { formatBytes } from "../runtime/Plan.ts"
import type { FileKind } from "./fileKinds.ts"
import { html, type Markup } from "./markup.ts"
import type { MethodsParagraph, Sentence } from "./methodsText.ts"
import { count } from "./numbers.ts"
import type { PlainWarning, WarningDetail } from "./plainWarnings.ts"
import { type ReferenceName, references } from "./references.ts"
import { table } from "./table.ts"
import { timeChart } from "./timeChart.ts"
import { phasesOf, subjectRates } from "./traceSeries.ts"

/** @param notes what the report could not show, a sentence each */
export const warningsPart = (plain: ReadonlyArray<PlainWarning>, notes: ReadonlyArray<string>): Markup =>
  html`<section id="warnings" aria-labelledby="warnings-title"><h3 id="warnings-title">${plain.length === 0 ? "No warnings" : "Read this first"}</h3>
${plain.length === 0 ? html`<p>Nothing was found in the inputs that needs to be looked at.</p>` : html`<ul class="warnings">${plain.map(warning)}</ul>`}
${notes.length === 0 ? undefined : html`<p>Not shown here:</p><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</section>
`

/** Lines of a warning that are seen at once; the others open. */
const mostLines = 6

const warning = ({ title, means, details }: PlainWarning): Markup => {
  const [shown, rest] = [details.slice(0, mostLines), details.slice(mostLines)]
  return html`<li><h4>${title}</h4>${means === undefined ? undefined : html`<p>${means}</p>`}
${shown.map(warningLine)}${
  rest.length === 0
    ? undefined
    : html`<details><summary>${count(rest.length)} more</summary>${rest.map(warningLine)}</details>`
}</li>`
}

/** Files that are named; more are counted. */
const mostFiles = 12

const warningLine = ({ found, taken, files }: WarningDetail): Markup => {
  const named = files.slice(0, mostFiles).map(lastPart).join(", ")
  const rest = files.length - mostFiles
  return html`<p class="detail"><strong>${named}${rest > 0 ? ` and ${rest} more` : ""}</strong>: ${found}. ${taken}.</p>`
}

/** Without the folders, which are a machine's own. */
const lastPart = (file: string): string => file.slice(file.lastIndexOf("/") + 1)

/** Large numbers with what they count. */
export const tiles = (rows: ReadonlyArray<readonly [name: string, value: string]>): Markup =>
  html`<dl class="tiles">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`

/** @param add what a paper needs and the settings do not know, a sentence */
export const methodsPart = (paragraphs: ReadonlyArray<MethodsParagraph>, add: string): Markup => {
  const cited = [...new Set(paragraphs.flatMap(({ sentences }) => sentences.flatMap(({ cites }) => cites)))]
  return html`<section aria-labelledby="methods-title"><h3 id="methods-title">Methods, for a paper</h3>
<p class="detail">Made from the settings of this run. ${add}</p>
<div class="methods">${paragraphs.map(({ about, sentences }) => html`<p><strong>${about}.</strong> ${sentences.map((one) => html`${cite(one, cited)} `)}</p>`)}
<h4>References</h4><ol>${cited.map((name) => html`<li>${references[name].text} doi:<a href="https://doi.org/${references[name].doi}">${references[name].doi}</a></li>`)}</ol></div></section>
`
}

/** The sentence with the numbers of its references before the full stop. */
const cite = ({ text, cites }: Sentence, cited: ReadonlyArray<ReferenceName>): Markup =>
  cites.length === 0
    ? html`${text}`
    : html`${text.replace(/\.$/, "")} [${cites.map((name) => cited.indexOf(name) + 1).join(", ")}].`

export const overTime = ({ trace = [], plan, wall_seconds: seconds }: Manifest): Markup | undefined => {
  if (trace.length < 2) return undefined
  const phases = phasesOf(trace)
  const memory = trace.map((point) => ({ seconds: point.seconds, value: point.resident_bytes / 1e6 }))
  const rates = subjectRates(trace)
  const planned = plan.predicted_peak_bytes / 1e6
  return html`<section aria-labelledby="time-title"><h3 id="time-title">Memory and speed</h3><div class="charts">
<figure><figcaption>Memory in MB; the dashed line is what was planned</figcaption>${timeChart({ title: "Memory over time", unit: "MB", points: memory, phases, seconds, limit: { name: "planned", value: planned } })}</figure>
${
  rates.some(({ value }) => value > 0)
    ? html`<figure><figcaption>Subjects of the connectome a second</figcaption>${timeChart({ title: "Speed over time", unit: "subjects a second", points: rates, phases, seconds })}</figure>`
    : undefined
}</div></section>
`
}

export const filesPart = (
  kinds: ReadonlyArray<FileKind>
): Markup => html`<section aria-labelledby="files-title"><h3 id="files-title">What is in each file</h3>
${table<FileKind>(
  [
    { head: "File", cell: ({ name }) => html`<code>${name}</code>` },
    { head: "Holds", cell: ({ holds }) => holds },
    { head: "Files", numeric: true, cell: ({ files }) => count(files) },
    { head: "Size", numeric: true, cell: ({ bytes }) => formatBytes(bytes) }
  ],
  kinds,
  { caption: "Files of the output folder", id: "files-table" }
)}
<p class="detail">Beside them, <code>manifest.json</code> has the settings, and size and SHA-256 of every input and output; <code>lnm verify</code> checks them.</p></section>
`
