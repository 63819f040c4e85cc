/** A map of a patient, with what belongs to it: its t map, its lesion, and what the manifest of its folder says of them. */
import type { LesionValues } from "../../lesions/lesionValues.ts"
import type { Seed } from "../../lesions/seeds/Seed.ts"
import type { FileRecord } from "../../output/FileRecord.ts"

export interface CohortMap {
  /** Label of the patient, without sub-. */
  readonly patient: string
  readonly file: string
  readonly statistic: "z" | "r"
  /** File of its t map. */
  readonly t?: string | undefined
  readonly lesion?: CohortLesion | undefined
  /** Of a map in an output folder of ours. */
  readonly recorded?: RecordedMap | undefined
}

/** The lesion that a map was made of. */
export interface CohortLesion {
  readonly file: string
  /** What it is where it has no mask of its own: a seed of the table or the atlas that `file` is. */
  readonly seed?: Seed | undefined
  /** Which of its values are lesion. Default: those above 0. */
  readonly values?: LesionValues | undefined
  /** Whether it was mirrored to the other hemisphere before it was mapped. */
  readonly flipped: boolean
  /** Of a lesion that was brought over from another template than that of its maps: the image that shows it there, and its volume there, in mL. */
  readonly broughtOver?: { readonly file: string; readonly image: FileRecord; readonly volumeMl: number } | undefined
  /** Why it cannot be told where in the template of its maps it lies. */
  readonly unplaced?: string | undefined
  /** What the run that mapped it says of it. */
  readonly recorded?: { readonly file: FileRecord; readonly voxels: number | undefined } | undefined
}

/** What the manifest of a folder says of a map. */
export interface RecordedMap {
  readonly folder: string
  /** Paths are relative to the folder. */
  readonly map: FileRecord
  readonly t?: FileRecord | undefined
}
