/**
 * What the demo's data is and where it lies: the paths that a config needs, and what each lesion's map must show.
 */
import { join } from "node:path"
import { type DemoLesion, demoLesions } from "./DemoLesion.ts"
import { cohortFiles } from "./writeCohort.ts"
import { lesionDatasetFiles, lesionFile } from "./writeLesions.ts"

export interface DemoData {
  readonly folder: string
  /** Folder of the connectome's HDF5 files. */
  readonly connectome: string
  readonly connectomeFiles: ReadonlyArray<string>
  /** The lesions' BIDS dataset. */
  readonly lesions: string
  /** The lesions in order, each with its file and the network and side that it lies in. */
  readonly lesionFiles: ReadonlyArray<{ readonly file: string; readonly lesion: DemoLesion }>
  /** The cohort's BIDS dataset of lesions, where it is asked for. */
  readonly cohort: string
  /** The table of the cohort's participants. */
  readonly cohortTable: string
  /** Label volume of the networks that were put in: 1 to 7, in the order of `networkNames`. */
  readonly networks: string
  readonly networksTable: string
  /** Says that the folder's data is the demo's, and may be written anew. */
  readonly marker: string
}

/** HDF5 files of the connectome. */
const parts = 3

/** Where everything lies in a folder. Nothing is read or written. */
export const demoDataIn = (folder: string): DemoData => {
  const connectome = join(folder, "connectome")
  const lesions = join(folder, "lesions")
  const cohort = join(folder, "cohort")
  return {
    folder,
    connectome,
    connectomeFiles: Array.from({ length: parts }, (_, index) => join(connectome, `part-${index + 1}.h5`)),
    lesions,
    lesionFiles: demoLesions.map((lesion) => ({ file: join(lesions, lesionFile(lesion)), lesion })),
    cohort,
    cohortTable: join(cohort, "participants.tsv"),
    networks: join(folder, "networks.nii.gz"),
    networksTable: join(folder, "networks.tsv"),
    marker: join(folder, "demo.json")
  }
}

/** Every file of the demo's data but the marker. */
export const filesOf = (data: DemoData): ReadonlyArray<string> => [
  ...data.connectomeFiles,
  ...lesionDatasetFiles.map((file) => join(data.lesions, file)),
  ...cohortFiles.map((file) => join(data.cohort, file)),
  data.networks,
  data.networksTable
]
