/** What the pictures of a lesion are called: names alone, so that a plan can list them. */
import { commonCuts } from "./commonCuts.ts"
import type { Direction, ShownStatistic } from "./ReportData.ts"

const directions: ReadonlyArray<Direction> = ["sagittal", "coronal", "axial"]

/** What each common slice is called: numbered in its direction. */
export const commonNames = commonCuts.map(([direction], n) => {
  const number = commonCuts.slice(0, n + 1).filter(([other]) => other === direction).length
  return `cut-${number}_${direction}`
})

export const pictureName = (maps: string, statistic: ShownStatistic, cut: string): string =>
  `${maps}_stat-${statistic}_${cut}.png`

/** The first of the written statistics that slices can show; undefined where they show none. */
const shownOf = (written: ReadonlyArray<string>): ShownStatistic | undefined =>
  (["t", "z", "r"] as const).find((statistic) => written.includes(statistic))

/**
 * Every picture of a lesion.
 *
 * @param maps what the paths of its maps begin with
 * @param written statistics that are written as maps
 */
export const pictureFileNames = (maps: string, written: ReadonlyArray<string>): ReadonlyArray<string> => {
  const statistic = shownOf(written)
  if (statistic === undefined) return []
  return [...directions.map((direction) => `cut-peak_${direction}`), ...commonNames].map((cut) =>
    pictureName(maps, statistic, cut)
  )
}
