/** What the report shows of a prediction: each patient's score beside how like the map is to the model without the patient, and the read-outs. */
import { Effect, Predicate } from "effect"
import type { GroupFiles } from "./GroupFiles.ts"
import type { PredictedPatient, PredictionFindings, ReadOut } from "./GroupFindings.ts"
import { type GroupTable, isNumeric, numberIn, numbersIn } from "./groupTable.ts"
import type { ReportedGroupConfig } from "./reportedGroupConfig.ts"

/** Undefined where nothing was predicted. */
export const predictionFindings = Effect.fnUntraced(function* (files: GroupFiles, { predict }: ReportedGroupConfig) {
  const table = yield* files.table("prediction.tsv")
  if (table === undefined) return undefined
  const figures = yield* files.json("prediction.json")
  const permuted = yield* files.table("prediction_nulldist.tsv")
  const found: PredictionFindings = {
    of: predict?.of,
    patients: meanSimilarities(table),
    folds: new Set(table.rows.map(({ fold }) => fold)).size,
    repeats: new Set(table.rows.map(({ repeat }) => repeat)).size,
    readouts: readOutsIn(figures),
    tails: tailsIn(figures),
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

const isText = Predicate.isString

/** Every object of a JSON value that has a value, with its p and what was taken out of it. */
export const readOutsIn = (json: unknown, keys: ReadonlyArray<string> = []): ReadonlyArray<ReadOut> => {
  if (!Predicate.isObject(json) || Array.isArray(json)) return []
  const { value, p, Given: given } = json as Readonly<Record<string, unknown>>
  if (Predicate.isNumber(value)) {
    return [
      {
        name: keys.join(" "),
        value,
        p: Predicate.isNumber(p) ? p : undefined,
        given: Array.isArray(given) ? given.filter(isText) : []
      }
    ]
  }
  return Object.entries(json).flatMap(([key, inner]) => readOutsIn(inner, [...keys, key]))
}

const tailsIn = (json: unknown): string | undefined =>
  Predicate.isObject(json) && "Tails" in json && isText(json.Tails) ? json.Tails : undefined
