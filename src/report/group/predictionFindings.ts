/** What the report shows of a prediction: each patient's score beside how like the map is to the model without the patient, and the read-outs. */
import { Effect, Predicate } from "effect"
import type { GroupFiles } from "./GroupFiles.ts"
import type { PredictedPatient, PredictionFindings } from "./GroupFindings.ts"
import { type GroupTable, isNumeric, numberIn, numbersIn } from "./groupTable.ts"
import type { ReportedGroupConfig } from "./reportedGroupConfig.ts"

/** Undefined where nothing was predicted. */
export const predictionFindings = Effect.fnUntraced(function* (files: GroupFiles, { predict }: ReportedGroupConfig) {
  const table = yield* files.table("prediction.tsv")
  if (table === undefined) return undefined
  const permuted = yield* files.table("prediction_nulldist.tsv")
  const found: PredictionFindings = {
    of: predict?.of,
    patients: meanSimilarities(table),
    folds: new Set(table.rows.map(({ fold }) => fold)).size,
    repeats: new Set(table.rows.map(({ repeat }) => repeat)).size,
    readouts: valuesIn(yield* files.json("prediction.json")),
    permuted: permuted === undefined ? [] : columnsOf(permuted)
  }
  return found
})

/** A patient who is predicted once a repeat has the mean of these similarities. */
export const meanSimilarities = ({ rows }: GroupTable): ReadonlyArray<PredictedPatient> =>
  [...Map.groupBy(rows, (row) => row.participant_id ?? "")].map(([patient, own]) => ({
    patient,
    score: numberIn(own[0]!, "score"),
    similarity: own.reduce((sum, row) => sum + numberIn(row, "similarity"), 0) / own.length
  }))

const columnsOf = (table: GroupTable): PredictionFindings["permuted"] =>
  table.columns
    .filter((column) => column !== "permutation" && isNumeric(table, column))
    .map((name) => ({ name, values: numbersIn(table, name).filter(Number.isFinite) }))

/** Every number and text of a JSON value, in its order, each with the keys that lead to it. */
export const valuesIn = (value: unknown, keys: ReadonlyArray<string> = []): PredictionFindings["readouts"] => {
  if (Predicate.isNumber(value) || Predicate.isString(value)) return [{ name: keys.join(" "), value }]
  if (!Predicate.isObject(value) || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => valuesIn(inner, [...keys, key]))
}
