/** What the maps of the overlap are called: names alone, so that a plan can list them. */
import { overlapLevels } from "./overlapLevels.ts"
import type { OverlapMap } from "./ReportData.ts"

type Level = Pick<OverlapMap, "tau" | "sign">

/** Path in the output folder, without extension. */
export const overlapStem = ({ tau, sign }: Level, space: string): string =>
  `space-${space}_desc-overlap_stat-t${sign > 0 ? "pos" : "neg"}${tau}_statmap`

/** Every file of the overlap, relative to the output folder. */
export const overlapFileNames = (space: string): ReadonlyArray<string> =>
  ([1, -1] as const).flatMap((sign) =>
    overlapLevels.flatMap((tau) => {
      const stem = overlapStem({ tau, sign }, space)
      return [`${stem}.nii.gz`, `${stem}.json`]
    })
  )
