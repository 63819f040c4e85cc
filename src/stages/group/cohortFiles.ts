/** What an output folder says of the cohort itself: a row a patient, and how many patients have a value in each voxel. */
import { Effect } from "effect"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { packageVersion } from "../../runtime/version.ts"
import type { PatientLesion } from "./patientLesions.ts"
import type { Cohort, CohortValues } from "./readCohort.ts"

const table = "patients.tsv"
const tableSidecar = "patients.json"
const coverageStem = (space: string): string => `space-${space}_desc-coverage_statmap`

/** Every file of the cohort, relative to the output folder. */
export const cohortFiles = (space: string): ReadonlyArray<string> => [
  table,
  tableSidecar,
  `${coverageStem(space)}.nii.gz`,
  `${coverageStem(space)}.json`
]

/** Shapes: (patients). */
export interface DescribedCohort {
  readonly cohort: Cohort
  readonly values: Pick<CohortValues, "coverage" | "centralities">
  readonly lesions: ReadonlyArray<PatientLesion | undefined>
}

/** Writes the table of the patients and the map of their number. Memory: a volume in float32, twice. Errors: `OutputNotWritten`. */
export const writeCohortFiles = Effect.fn("writeCohortFiles")(function* (described: DescribedCohort) {
  const { cohort, values } = described
  const { grid, space, patients } = cohort
  const output = yield* OutputFolder
  yield* output.write(table, formatPatients(described))
  yield* output.write(tableSidecar, `${JSON.stringify(columnsOfTable, null, 2)}\n`)
  const stem = coverageStem(space)
  const bytes = encodeNifti({ grid, space, values: Float32Array.from(values.coverage), description: stem })
  yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(bytes))
  const sidecar = {
    Description: "Number of patients whose map has a value (finite, not 0); voxels of all patients are tested",
    Units: "patients",
    Patients: patients.length,
    SpatialReference: space,
    SoftwareVersion: packageVersion
  }
  yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
})

const formatPatients = ({ cohort, values, lesions }: DescribedCohort): string =>
  formatTable(
    ["participant_id", "maps", "lesion_volume", "centrality"],
    cohort.patients.map((patient, n) => [
      `sub-${patient}`,
      cohort.maps[n]!.length,
      lesions[n]?.volumeMl,
      values.centralities[n]
    ])
  )

const columnsOfTable = {
  maps: { Description: "Maps of the patient, which are averaged as Fisher z" },
  lesion_volume: {
    Description:
      "Volume of the patient's lesions, added: in their own files, or, of lesions that were brought over from another template, after that",
    Units: "mL"
  },
  centrality: {
    Description: "Mean Fisher z of the patient's map outside of the lesion, over voxels in which it has a value"
  }
}
