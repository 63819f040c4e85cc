/** The part of a group's report about prediction: scores beside how like each map is to the model of the others, and what chance predicts. */
import { colourBar } from "../colourBar.ts"
import { html, type Markup } from "../markup.ts"
import { listed } from "../methodsText.ts"
import { count, decimals, probability, several } from "../numbers.ts"
import { manySlices } from "../picture.ts"
import { table } from "../table.ts"
import { peakRow } from "./contrastSection.ts"
import type { PredictionFindings, ReadOut, ReportedGroup } from "./GroupFindings.ts"
import { isNumeric, numbersIn } from "./groupTable.ts"
import { groupTableMarkup, rowsLeftOut } from "./groupTableMarkup.ts"
import { nullChart } from "./nullChart.ts"
import { scatterChart } from "./scatterChart.ts"

/** Undefined where nothing was predicted and no model was applied. */
export const predictionSection = ({ prediction, model, scored }: ReportedGroup): Markup | undefined => {
  if (prediction === undefined && model === undefined && scored === undefined) return undefined
  return html`<section id="prediction" aria-labelledby="prediction-title">
<h2 id="prediction-title">Prediction</h2>
${prediction === undefined ? undefined : predicted(prediction)}${
  model === undefined
    ? undefined
    : html`<h3>The model of all patients</h3><p>Partial correlation of the score with the maps. It is no test: no voxel of it is significant by itself.</p>${peakRow(model, "model")}${manySlices(model.commonSlices, "model")}${colourBar(model.scale)}`
}${scored === undefined ? undefined : scores(scored)}</section>
`
}

const predicted = (prediction: PredictionFindings): Markup => {
  const { of, patients, folds, repeats } = prediction
  const score = of ?? "score"
  return html`<p>How like the map of a patient, outside of the lesion, is to a model that was made without the patient, beside ${score}: ${several(patients.length, "patient")}, ${several(folds, "fold")}${repeats > 1 ? `, ${several(repeats, "repeat")}, of which the mean is shown` : ""}.</p>
<div class="charts"><figure>${scatterChart({
    x: { title: score, values: patients.map((patient) => patient.score) },
    y: { title: "Similarity to the model (r)", values: patients.map(({ similarity }) => similarity) },
    one: "patient"
  })}<figcaption>A point a patient, who was left out of the model</figcaption></figure>${permuted(prediction)}</div>
${readouts(prediction)}
<p class="detail">A prediction that is better than chance may rest on the size of lesions alone: compare it with the read-outs of lesion volume and centrality, and look at the partial correlation. How well it works in patients of another hospital only these can show.</p>`
}

/** Read-outs beside their permuted values. */
const permuted = ({ permuted: columns, readouts: found }: PredictionFindings): ReadonlyArray<Markup> =>
  columns.slice(0, mostCharts).map(({ name, values }) => {
    const observed = found.find((one) => sameName(one.name, name))?.value
    const words = capital(name.replaceAll("_", " "))
    return html`<figure>${nullChart({ title: `${words} with scores permuted`, values, observed, needed: undefined })}<figcaption>${words} of ${count(values.length)} permutations of the scores, through the whole prediction</figcaption></figure>`
  })

const mostCharts = 2

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** Keys of JSON are written in one word, columns with lines between: PartialSpearman, partial_spearman. */
const sameName = (one: string, other: string): boolean => oneWord(one) === oneWord(other)

const oneWord = (name: string): string => name.toLowerCase().replace(/[ _]/g, "")

/** "PartialSpearman" as two words, and what it was given. */
const nameOf = ({ name, given }: ReadOut): string =>
  `${name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").replaceAll("_", " ")}${given.length === 0 ? "" : `, given ${listed(given.map((one) => one.replaceAll("_", " ")))}`}`

const readouts = ({ readouts: found, tails }: PredictionFindings): Markup | undefined =>
  found.length === 0
    ? undefined
    : html`<h3>Read-outs</h3>${table<ReadOut>(
        [
          { head: "Read-out", cell: nameOf },
          { head: "Value", numeric: true, cell: ({ value }) => decimals(value, 3) },
          { head: "p", numeric: true, cell: ({ p }) => (p === undefined ? "n/a" : probability(p)) }
        ],
        found,
        { caption: "Read-outs of the prediction" }
      )}${tails === undefined ? undefined : html`<p class="detail">Tails of p: ${tails}.</p>`}`

const scores: (scored: NonNullable<ReportedGroup["scored"]>) => Markup = (scored) => {
  const rest = rowsLeftOut(scored)
  const hasScore = isNumeric(scored, "score") && isNumeric(scored, "similarity")
  return html`<h3>Patients that a saved model was applied to</h3>${
    hasScore
      ? html`<div class="charts"><figure>${scatterChart({ x: { title: "score", values: numbersIn(scored, "score") }, y: { title: "Similarity to the model (r)", values: numbersIn(scored, "similarity") }, one: "patient" })}</figure></div>`
      : undefined
  }${groupTableMarkup(scored, { caption: "Scores by a saved model" })}${rest === 0 ? undefined : html`<p class="detail">${several(rest, "patient")} more in scores.tsv.</p>`}`
}
