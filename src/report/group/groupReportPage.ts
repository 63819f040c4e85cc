/** The report of a group's analysis as a page, piece by piece: what was found first, then what else the maps may be about, then how they were made. */
import { formatBytes } from "../../runtime/Plan.ts"
import { formatSeconds } from "../../runtime/progressText.ts"
import { fileKinds } from "../fileKinds.ts"
import { html, type Markup } from "../markup.ts"
import { count, probability, several } from "../numbers.ts"
import { type PageFrame, pageFoot, pageHead } from "../pageFrame.ts"
import { plainWarnings } from "../plainWarnings.ts"
import { filesPart, methodsPart, overTime, tiles, warningsPart } from "../runParts.ts"
import { table } from "../table.ts"
import { cohortSection } from "./cohortSection.ts"
import { contrastSection } from "./contrastSection.ts"
import { manyContrasts } from "./contrastWords.ts"
import { diagnosisSection } from "./diagnosisSection.ts"
import type { ContrastFindings, ReportedGroup } from "./GroupFindings.ts"
import { groupFileKinds } from "./groupFileKinds.ts"
import { groupMethods } from "./groupMethods.ts"
import { groupWarningKinds } from "./groupWarnings.ts"
import { overlapSection } from "./overlapSection.ts"
import { predictionSection } from "./predictionSection.ts"

/** Parts of the page after the overview, where they have anything to show. */
const parts: ReadonlyArray<{
  readonly id: string
  readonly name: string
  readonly make: (group: ReportedGroup) => Markup | undefined
}> = [
  { id: "contrasts", name: "Contrasts", make: (group) => contrasts(group) },
  { id: "overlap", name: "Overlap", make: overlapSection },
  { id: "prediction", name: "Prediction", make: predictionSection },
  { id: "diagnosis", name: "Connectome's own", make: diagnosisSection },
  { id: "patients", name: "Patients", make: cohortSection },
  { id: "run", name: "The run", make: (group) => run(group) }
]

/** The page, piece by piece. */
export function* groupReportPage(group: ReportedGroup): Generator<string> {
  const shown = parts.flatMap(({ id, name, make }) => {
    const part = make(group)
    return part === undefined ? [] : [{ id, name, part }]
  })
  const frame = frameOf(group, shown)
  yield pageHead(frame).text
  yield overview(group).text
  for (const { part } of shown) yield part.text
  yield pageFoot(frame).text
}

const frameOf = ({ manifest, contrasts: shown }: ReportedGroup, own: PageFrame["parts"]): PageFrame => {
  const patients = several(manifest.plan.subjects, "patient")
  const what = shown.length === 0 ? "" : `, ${several(shown.length, "contrast")}`
  return {
    title: `Group analysis of lesion network maps: ${patients}`,
    heading: "Lesion network maps of a group",
    lead: `What the maps of ${patients} have in common${what}.`,
    parts: [{ id: "overview", name: "Overview" }, ...own.map(({ id, name }) => ({ id, name }))],
    software: manifest.software
  }
}

const overview = (group: ReportedGroup): Markup => {
  const { manifest, contrasts: shown, notes, cohort } = group
  const rows: ReadonlyArray<readonly [string, string]> = [
    [manifest.plan.subjects === 1 ? "patient" : "patients", count(manifest.plan.subjects)],
    ...(shown.length === 0 ? [] : [[shown.length === 1 ? "contrast" : "contrasts", count(shown.length)] as const]),
    ...(cohort.coverage === undefined
      ? []
      : [["voxels that all patients have", count(cohort.coverage.ofAll)] as const]),
    ["time", formatSeconds(manifest.wall_seconds)],
    ["memory at the peak", formatBytes(manifest.peak_memory_bytes)]
  ]
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">Overview</h2>
${warningsPart(plainWarnings(manifest.warnings, groupWarningKinds), notes)}<section aria-labelledby="numbers-title"><h3 id="numbers-title">In numbers</h3>
${tiles(rows)}${shown.length === 0 ? undefined : html`<h4>What was found</h4>${results(shown)}`}</section></section>
`
}

const voxelWise = ({ inferences }: ContrastFindings) => inferences.find(({ by }) => by === "voxel")

const results = (shown: ReadonlyArray<ContrastFindings>): Markup =>
  table<ContrastFindings>(
    [
      { head: "Contrast", cell: ({ name }, n) => html`<a href="#contrast-${n + 1}">${name}</a>` },
      { head: "Of", cell: ({ design }) => design.effect },
      { head: "Patients", numeric: true, cell: ({ design }) => numberOr(design.patients) },
      { head: "Permutations", numeric: true, cell: ({ design }) => numberOr(design.permutations) },
      {
        head: "Least corrected p",
        numeric: true,
        cell: (one) => (voxelWise(one) === undefined ? "n/a" : probability(voxelWise(one)!.least))
      },
      { head: "Voxels above 0", numeric: true, cell: (one) => numberOr(voxelWise(one)?.positive) },
      { head: "Voxels below 0", numeric: true, cell: (one) => numberOr(voxelWise(one)?.negative) }
    ],
    shown,
    { caption: "Contrasts, with voxels of a corrected p below 0.05", id: "results-table" }
  )

const numberOr = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "n/a" : count(value)

const contrasts = ({ contrasts: shown, background }: ReportedGroup): Markup | undefined => {
  if (shown.length === 0) return undefined
  const many = manyContrasts(shown.length)
  return html`<section id="contrasts" aria-labelledby="contrasts-title">
<h2 id="contrasts-title">Contrasts</h2>
${many === undefined ? undefined : html`<p>${many}</p>`}${shown.map((contrast, n) => contrastSection(contrast, n, background))}</section>
`
}

const run = (group: ReportedGroup): Markup => html`<section id="run" aria-labelledby="run-title">
<h2 id="run-title">The run</h2>
${methodsPart(groupMethods(group), "Add how the maps were made, the reference of your connectome, and what only you know: who the patients are, and why they are exchangeable.")}${overTime(group.manifest)}${filesPart(fileKinds(group.manifest.outputs, groupFileKinds))}</section>
`
