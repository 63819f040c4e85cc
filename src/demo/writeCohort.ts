/**
 * Writes the demo's cohort as a BIDS derivative dataset: a lesion mask a patient, and a table of what a group's analysis names: site, age,
 * and the symptom as two groups and as a score.
 */
import { join } from "node:path"
import { Effect } from "effect"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../imaging/nifti/writeNifti.ts"
import { type DemoBrain, demoSpace, volumeOf } from "./DemoBrain.ts"
import { type CohortPatient, cohortParticipants, makeDemoCohort } from "./DemoCohort.ts"
import type { DemoNotWritten } from "./DemoNotWritten.ts"
import { writeBytes } from "./writeDemoFile.ts"
import { describeMasks, lesionFile, tsv } from "./writeLesions.ts"

/** The dataset's files, relative to it. */
export const cohortFiles: ReadonlyArray<string> = [
  "dataset_description.json",
  "participants.tsv",
  ...cohortParticipants.map((participant) => lesionFile({ participant }))
]

const columns = ["participant_id", "site", "age", "neglect", "cancellation"]

const rowOf = ({ participant, site, ageYears, neglect, missed }: CohortPatient) => [
  participant,
  site,
  ageYears,
  neglect ? "yes" : "no",
  missed
]

/** Writes the dataset into `folder`. */
export const writeCohort = Effect.fnUntraced(function* (
  brain: DemoBrain,
  folder: string
): Effect.fn.Return<void, DemoNotWritten> {
  const cohort = makeDemoCohort(brain)
  yield* writeBytes(join(folder, "dataset_description.json"), describeMasks("Cohort of the lnm demo (synthetic)"))
  yield* writeBytes(join(folder, "participants.tsv"), tsv([columns, ...cohort.map(rowOf)]))
  for (const patient of cohort) {
    const mask = new Uint8Array(brain.voxels)
    for (const voxel of patient.lesion) mask[voxel] = 1
    const title = `lnm demo: ${patient.participant}`
    const bytes = encodeNifti({ grid: brain.grid, space: demoSpace, values: volumeOf(brain, mask), description: title })
    yield* writeBytes(join(folder, lesionFile(patient)), yield* gzipNifti(bytes))
  }
})
