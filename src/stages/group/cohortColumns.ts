/**
 * The columns that designs are made of: those of the table of participants, and the two that are made from maps and lesions.
 *
 * `lesion_volume` is the volume of a patient's lesions in mL, `centrality` the mean of the patient's map outside of them. A column of that name
 * in the table is taken instead. Centralities are known when the maps have been read; before that their places are held by numbers that differ
 * between patients, so that a design can be checked and its permutations counted.
 */
import type { ParticipantsTable } from "../../lesions/participantsTable.ts"
import type { Cell, DesignColumn } from "./designColumn.ts"
import type { PatientLesion } from "./patientLesions.ts"

export const madeColumns = ["lesion_volume", "centrality"] as const

type MadeColumn = (typeof madeColumns)[number]

export interface CohortColumns {
  /** The table of participants, for messages. */
  readonly file: string
  readonly patients: ReadonlyArray<string>
  /** All columns that there are, by name. */
  readonly names: ReadonlyArray<string>
  /** Whether a column is made here, and not one of the table. */
  readonly isMade: (name: string) => boolean
  /** Whether the values of a column are not known before the maps have been read. */
  readonly isPending: (name: string) => boolean
  /** A column that there is: a cell a patient. */
  readonly column: (name: string) => DesignColumn
}

/** What is known of the patients beside the table. Shapes: (patients). */
export interface MadeValues {
  readonly lesions: ReadonlyArray<PatientLesion | undefined>
  /** NaN where it is not known. Undefined: the maps have not been read. */
  readonly centralities?: Float64Array | undefined
}

/** @param patients those that are analysed, in their order; each has a row of the table */
export const cohortColumns = (
  { file, columns, rows }: ParticipantsTable,
  patients: ReadonlyArray<string>,
  { lesions, centralities }: MadeValues
): CohortColumns => {
  const isMade = (name: string) => !columns.includes(name) && (madeColumns as ReadonlyArray<string>).includes(name)
  const isPending = (name: string) => isMade(name) && name === "centrality" && centralities === undefined
  const made: Readonly<Record<MadeColumn, (patient: number) => Cell>> = {
    lesion_volume: (patient) => lesions[patient]?.volumeMl ?? null,
    centrality: (patient) => (lesions[patient] === undefined ? null : (centralities?.[patient] ?? placeOf(patient)))
  }
  return {
    file,
    patients,
    names: [...columns, ...madeColumns.filter(isMade)],
    isMade,
    isPending,
    column: (name) => ({
      name,
      isPending: isPending(name),
      cells: patients.map((label, patient) =>
        isMade(name) ? made[name as MadeColumn](patient) : rows.get(label)!.get(name)!
      )
    })
  }
}

/** A number of each patient's own between 0 and 1, that goes with nothing: fractions of multiples of the golden ratio. */
const placeOf = (patient: number): number => ((patient + 1) * 0.6180339887498949) % 1
