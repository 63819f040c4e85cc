/** Which maps of an output folder belong together: those of one lesion, or of one thing that is made of all lesions or of the connectome. */
import path from "node:path"
import type { FileRecord } from "../../output/FileRecord.ts"
import type { ListedLesion } from "../../output/LesionRecord.ts"
import type { Manifest } from "../../output/Manifest.ts"
import { statisticMaps } from "../../output/statisticMaps.ts"
import type { ViewedStatistic } from "./StudyIndex.ts"

export interface MapGroup {
  readonly name: string
  /** By the name of the statistic, at least one. */
  readonly maps: ReadonlyMap<string, FileRecord>
  readonly lesion: ListedLesion | undefined
}

const mapName = /^(.+)_stat-([A-Za-z0-9]+)_statmap\.nii(?:\.gz)?$/

/** Lesions in the order of the manifest, then everything else. */
export const groupMaps = ({ outputs, lesions }: Manifest): ReadonlyArray<MapGroup> => {
  const groups = new Map<string, Map<string, FileRecord>>(lesions.map(({ maps }) => [maps, new Map()]))
  for (const output of outputs) {
    const [, stem, statistic] = mapName.exec(output.path) ?? []
    if (stem === undefined || statistic === undefined) continue
    const maps = groups.get(stem) ?? new Map<string, FileRecord>()
    groups.set(stem, maps.set(statistic, output))
  }
  const lesionOf = new Map(lesions.map((lesion) => [lesion.maps, lesion]))
  return [...groups]
    .filter(([, maps]) => maps.size > 0)
    .map(([stem, maps]) => {
      const lesion = lesionOf.get(stem)
      return { name: lesion?.name ?? path.posix.basename(stem), maps, lesion }
    })
}

/** What a voxel outside of the brain mask holds in a map of a statistic. */
export const backgroundOf = (statistic: string): number =>
  statisticMaps.find(({ name }) => name === statistic)?.background ?? 0

/** The statistics that groups have: those that the package knows in their order, then others. */
export const statisticsOf = (
  groups: ReadonlyArray<MapGroup>,
  thresholds: Readonly<Record<string, number | undefined>>
): ReadonlyArray<ViewedStatistic> => {
  const known: ReadonlyArray<string> = statisticMaps.map(({ name }) => name)
  const found = new Set(groups.flatMap(({ maps }) => [...maps.keys()]))
  const names = [...known.filter((name) => found.has(name)), ...[...found].filter((name) => !known.includes(name))]
  return names.map((name) => ({
    name,
    description: statisticMaps.find((row) => row.name === name)?.description ?? `Map of ${name}`,
    kind: backgroundOf(name) === 1 ? "probability" : "signed",
    threshold: thresholds[name]
  }))
}
