/** Looks at the maps of an output folder. */
import { Effect } from "effect"
import type { Manifest } from "../output/Manifest.ts"
import type { Findings } from "./ReportData.ts"

export const analyseMaps = (_: {
  readonly folder: string
  readonly manifest: Manifest
  readonly background: string | undefined
}): Effect.Effect<Findings> =>
  Effect.succeed({
    lesions: [],
    group: { networkOverlap: [], lesionOverlap: undefined, degree: undefined, seedMatrix: undefined },
    background: "the mask of the brain",
    notes: []
  })
