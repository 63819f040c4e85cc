/**
 * The designs of the contrasts and their permutations. What needs the maps' centralities is checked with places in their stead when the
 * analysis is planned, and made when the maps have been read, before anything is written.
 */
import { Effect } from "effect"
import type { ParticipantsTable } from "../../src/lesions/participantsTable.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { type CohortColumns, madeColumns } from "../../src/stages/group/cohortColumns.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import { isMissing } from "../../src/stages/group/designColumn.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import type { ContrastConfig } from "./Config.ts"

export type PlannedContrast = Effect.Success<ReturnType<typeof planContrast>>

/** The columns that a contrast names. */
const columnsOf = ({ of, covariates, blocks }: ContrastConfig): ReadonlyArray<string> => [
  of,
  ...covariates,
  ...(blocks === null ? [] : [blocks])
]

/** What a contrast, or a prediction, takes of the table. */
export interface Analysis {
  /** In messages. */
  readonly what: string
  readonly columns: ReadonlyArray<string>
  readonly missing: "error" | "drop"
}

export const analysisOfContrast = (contrast: ContrastConfig): Analysis => ({
  what: `contrast ${contrast.name}`,
  columns: columnsOf(contrast),
  missing: contrast.missing
})

/** Errors: `InvalidCohort` where an analysis names a column that there is not. */
export const checkColumnNames = Effect.fn("checkColumnNames")(function* (
  analyses: ReadonlyArray<Analysis>,
  { file, columns }: ParticipantsTable
) {
  const there: ReadonlyArray<string> = [...columns, ...madeColumns]
  for (const analysis of analyses) {
    const lacking = analysis.columns.find((name) => !there.includes(name))
    if (lacking === undefined) continue
    const problem = `it has no column ${lacking}, which ${analysis.what} names; it has ${columns.join(", ")}`
    return yield* new InvalidCohort({ file, problem, remedy: "Correct the name, or add the column" })
  }
  const named = new Set(analyses.flatMap((analysis) => analysis.columns))
  yield* warnAll(
    madeColumns
      .filter((name) => named.has(name) && columns.includes(name))
      .map((name) => ({
        file,
        found: `it has a column ${name}, which could be made from maps and lesions`,
        taken: "The table's column was taken. Rename it to have ours"
      }))
  )
})

/**
 * The patients that some analysis keeps, in the order of the table: those whom every one leaves out (`missing: drop`) need no map. All, where
 * the table is not asked for any column.
 *
 * Errors: `InvalidCohort` where none is left.
 */
export const patientsTaken = Effect.fn("patientsTaken")(function* (
  analyses: ReadonlyArray<Analysis>,
  { file, columns, rows }: ParticipantsTable
) {
  const isKept = (row: ReadonlyMap<string, string>) =>
    analyses.length === 0 ||
    analyses.some(
      (analysis) =>
        analysis.missing === "error" ||
        !analysis.columns.some((name) => columns.includes(name) && isMissing(row.get(name)!))
    )
  const patients = [...rows.keys()].filter((patient) => isKept(rows.get(patient)!))
  if (patients.length === 0) {
    const problem = "no patient has a value in every column of a contrast or prediction"
    return yield* new InvalidCohort({ file, problem, remedy: "Fill values in, or name fewer columns" })
  }
  const out = [...rows.keys()].filter((patient) => !patients.includes(patient))
  if (out.length > 0) {
    const found = `every contrast leaves out ${out.join(", ")}, who have no value in a column (missing: drop)`
    yield* warnAll([{ file, found, taken: "Their maps are not read" }])
  }
  return patients
})

/** The design and the permutations of a contrast. Errors: `InvalidCohort`, `InvalidDesign`. */
export const planContrast = Effect.fn("planContrast")(function* (config: ContrastConfig, columns: CohortColumns) {
  const { name, of, covariates, blocks } = config
  yield* refuseUnknownLesions(config, columns)
  const design = yield* groupDesign({
    contrast: name,
    patients: columns.patients,
    effect: columns.column(of),
    covariates: covariates.map(columns.column),
    ...(blocks === null ? {} : { blocks: columns.column(blocks) }),
    missing: config.missing,
    variance: config.variance,
    ranks: config.ranks
  })
  const { permutations, warnings } = yield* contrastPermutations(name, design, config)
  yield* warnAll([...design.warnings, ...warnings].map((warning) => ({ file: columns.file, ...warning })))
  return { config, design, permutations, isPending: columnsOf(config).some(columns.isPending) }
})

/** The contrasts with the columns that are known now; those that waited for nothing as they are. Errors: as `planContrast`. */
export const completeContrasts = (contrasts: ReadonlyArray<PlannedContrast>, columns: CohortColumns) =>
  Effect.forEach(contrasts, (contrast) =>
    contrast.isPending ? planContrast(contrast.config, columns) : Effect.succeed(contrast)
  )

/** Errors: `InvalidCohort` where a column is to be made from lesions, and no patient's is known. */
const refuseUnknownLesions = Effect.fnUntraced(function* (contrast: ContrastConfig, columns: CohortColumns) {
  for (const name of columnsOf(contrast).filter(columns.isMade)) {
    if (columns.column(name).cells.some((cell) => !isMissing(cell))) continue
    const problem = `contrast ${contrast.name} names ${name}, which is made from the patients' lesions, and no patient's is known`
    const remedy = `Give the lesions in a column lesion of the table of maps, or a column ${name} here`
    return yield* new InvalidCohort({ file: columns.file, problem, remedy })
  }
})
