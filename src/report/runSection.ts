/** The part of the report about the run: warnings first, then its numbers, the methods text, memory and speed, and the files. */
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds } from "../runtime/progressText.ts"
import { fileKinds } from "./fileKinds.ts"
import { html, type Markup } from "./markup.ts"
import { methodsText } from "./methodsText.ts"
import { count, several } from "./numbers.ts"
import { plainWarnings } from "./plainWarnings.ts"
import type { ReportedRun } from "./ReportedRun.ts"
import { filesPart, methodsPart, overTime, tiles, warningsPart } from "./runParts.ts"

export const runSection = (run: ReportedRun): Markup => {
  const { manifest, findings } = run
  return html`<section id="run" aria-labelledby="run-title">
<h2 id="run-title">The run</h2>
${warningsPart(plainWarnings(manifest.warnings), findings.notes)}${numbers(run)}${methods(run)}${overTime(manifest)}${filesPart(fileKinds(manifest.outputs))}</section>
`
}

const numbers = ({ manifest, facts }: ReportedRun): Markup => {
  const { connectome, lesions, lesionsOfOtherRuns } = facts
  const rows: ReadonlyArray<readonly [string, string]> = [
    [lesions === 1 ? "lesion" : "lesions", count(lesions)],
    connectome.chosenFrom === undefined
      ? [connectome.subjects === 1 ? "subject" : "subjects", count(connectome.subjects)]
      : [`of ${several(connectome.chosenFrom, "subject")}`, count(connectome.subjects)],
    ...(connectome.voxels === undefined ? [] : [["voxels", count(connectome.voxels)] as const]),
    ["time", formatSeconds(manifest.wall_seconds)],
    ["memory at the peak", formatBytes(manifest.peak_memory_bytes)]
  ]
  return html`<section aria-labelledby="numbers-title"><h3 id="numbers-title">In numbers</h3>
${tiles(rows)}
${lesionsOfOtherRuns === 0 ? undefined : html`<p>${several(lesionsOfOtherRuns, "lesion")} of these ${lesionsOfOtherRuns === 1 ? "was" : "were"} mapped by earlier runs into this folder, with the same settings. Time and memory are those of the last run.</p>`}</section>
`
}

const methods = ({ facts, findings }: ReportedRun): Markup =>
  methodsPart(
    methodsText(
      facts,
      findings.lesions.some(({ similarityToDegree }) => similarityToDegree !== null)
    ),
    "Add the reference of your connectome, and what only you know: patients, and how their lesions were drawn."
  )
