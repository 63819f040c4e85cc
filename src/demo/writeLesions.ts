/**
 * Writes the demo's lesions as a BIDS derivative dataset: one mask a participant, and who they are.
 *
 * Layout: `sub-01/sub-01_space-MNI152NLin6Asym_label-lesion_mask.nii.gz`, `participants.tsv`, `dataset_description.json`.
 * Source: BIDS 1.10, https://bids-specification.readthedocs.io, "Imaging data derivatives: masks".
 */
import { join } from "node:path"
import { Effect } from "effect"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../imaging/nifti/writeNifti.ts"
import { type DemoBrain, demoSpace } from "./DemoBrain.ts"
import { type DemoLesion, demoLesions, lesionMask } from "./DemoLesion.ts"
import type { DemoNotWritten } from "./DemoNotWritten.ts"
import { writeBytes } from "./writeDemoFile.ts"

/** `dataset_description.json` of masks of the demo. */
export const describeMasks = (name: string): string => {
  const description = {
    Name: name,
    BIDSVersion: "1.10.0",
    DatasetType: "derivative",
    GeneratedBy: [{ Name: "lnm demo" }]
  }
  return `${JSON.stringify(description, null, 2)}\n`
}

const participantsTable = [
  ["participant_id", "lesion_hemisphere", "lesion_network", "lesion_site"],
  ...demoLesions.map(({ network, participant, side, site }) => [participant, side, network, site])
]

/** A lesion's file, relative to the dataset. */
export const lesionFile = ({ participant }: Pick<DemoLesion, "participant">): string =>
  join(participant, `${participant}_space-${demoSpace}_label-lesion_mask.nii.gz`)

/** The dataset's files, relative to it. */
export const lesionDatasetFiles: ReadonlyArray<string> = [
  "dataset_description.json",
  "participants.tsv",
  ...demoLesions.map(lesionFile)
]

/** Rows of cells as tab-separated values, the way BIDS writes tables. */
export const tsv = (rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  rows.map((row) => `${row.join("\t")}\n`).join("")

/** Writes the dataset into `folder`. */
export const writeLesions = Effect.fnUntraced(function* (
  brain: DemoBrain,
  folder: string
): Effect.fn.Return<void, DemoNotWritten> {
  yield* writeBytes(join(folder, "dataset_description.json"), describeMasks("Lesions of the lnm demo (synthetic)"))
  yield* writeBytes(join(folder, "participants.tsv"), tsv(participantsTable))
  for (const lesion of demoLesions) {
    const values = lesionMask(brain, lesion)
    const title = `lnm demo: ${lesion.network}`
    const bytes = encodeNifti({ grid: lesion.grid, space: demoSpace, values, description: title })
    yield* writeBytes(join(folder, lesionFile(lesion)), yield* gzipNifti(bytes))
  }
})
