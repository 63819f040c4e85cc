/** The files of a report's overlap: names alone, so that a plan can list them. */
import { overlapStem } from "../output/overlapStem.ts"
import { overlapLevels } from "./overlapLevels.ts"

/** Every file of the overlap, relative to the output folder. */
export const overlapFileNames = (space: string): ReadonlyArray<string> =>
  ([1, -1] as const).flatMap((sign) =>
    overlapLevels.flatMap((tau) => {
      const stem = overlapStem({ tau, sign }, space)
      return [`${stem}.nii.gz`, `${stem}.json`]
    })
  )
