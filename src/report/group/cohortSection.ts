/** The part of a group's report about the patients: how large and how central their lesions are, and in how many each voxel has a value. */
import { countBar } from "../colourBar.ts"
import { html, type Markup } from "../markup.ts"
import { count, percent, several } from "../numbers.ts"
import { manySlices } from "../picture.ts"
import type { CohortFindings, ReportedGroup } from "./GroupFindings.ts"
import { type GroupTable, isNumeric, numbersIn } from "./groupTable.ts"
import { groupTableMarkup, rowsLeftOut } from "./groupTableMarkup.ts"
import { scatterChart } from "./scatterChart.ts"

/** Undefined where nothing is known of the patients but their number. */
export const cohortSection = ({ cohort }: ReportedGroup): Markup | undefined =>
  cohort.patients === undefined && cohort.coverage === undefined
    ? undefined
    : html`<section id="patients" aria-labelledby="patients-title">
<h2 id="patients-title">The patients</h2>
${cohort.patients === undefined ? undefined : patients(cohort.patients)}${coverage(cohort)}</section>
`

const patients = (table: GroupTable): Markup => {
  const rest = rowsLeftOut(table)
  const both = isNumeric(table, "lesion_volume") && isNumeric(table, "centrality")
  return html`${
    both
      ? html`<div class="charts"><figure>${scatterChart({
          x: { title: "Lesion volume (mL)", values: numbersIn(table, "lesion_volume") },
          y: { title: "Centrality (mean z)", values: numbersIn(table, "centrality") },
          one: "patient"
        })}<figcaption>A point a patient. Both may go with a symptom, and are covariates where a contrast names them.</figcaption></figure></div>`
      : undefined
  }
<details><summary>${several(table.rows.length, "patient")} in numbers</summary>${groupTableMarkup(table, { caption: "The patients" })}${rest === 0 ? undefined : html`<p class="detail">${count(rest)} more in patients.tsv.</p>`}</details>`
}

const coverage = ({ coverage: shown }: CohortFindings): Markup | undefined => {
  if (shown === undefined) return undefined
  const { ofAll, ofAny, slices, ...colours } = shown
  return html`<h3>Coverage</h3>
<p>In ${count(ofAll)} of ${several(ofAny, "voxel")} (${percent(ofAny === 0 ? 0 : ofAll / ofAny)}) every patient has a value: contrasts are tested there, and nowhere else.</p>
${manySlices(slices, "patients with a value in a voxel")}${countBar(colours, "patients")}`
}
