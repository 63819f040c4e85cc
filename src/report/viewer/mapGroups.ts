/** Which maps of an output folder belong together: those of one lesion, of one contrast, or of one thing that is made of all lesions or of the connectome. */
import path from "node:path"
import { Predicate } from "effect"
import type { FileRecord } from "../../output/FileRecord.ts"
import type { ListedLesion } from "../../output/LesionRecord.ts"
import type { Manifest } from "../../output/Manifest.ts"
import { statisticMaps } from "../../output/statisticMaps.ts"
import { groupMapName } from "../group/groupMapNames.ts"
import { groupStatistics } from "../group/groupStatistics.ts"
import { reportedGroupConfig } from "../group/reportedGroupConfig.ts"
import type { ViewedStatistic } from "./StudyIndex.ts"

export interface MapGroup {
  readonly name: string
  /** By the name of the statistic, at least one. */
  readonly maps: ReadonlyMap<string, FileRecord>
  readonly lesion: ListedLesion | undefined
}

/** What is known of a statistic, in the order in which statistics are offered. */
export interface KnownStatistic {
  readonly name: string
  readonly description: string
  /** Value outside of the brain. */
  readonly background: number
  /** Whether no value is below 0. */
  readonly oneSided?: true
}

/** Whether the folder is of a group's analysis. */
export const isOfGroup = ({ config }: Pick<Manifest, "config">): boolean =>
  Predicate.isObject(config) && "pipeline" in config && config.pipeline === "group-network-mapping"

export const knownStatistics = (manifest: Pick<Manifest, "config">): ReadonlyArray<KnownStatistic> =>
  isOfGroup(manifest) ? groupStatistics : statisticMaps

const mapName = /^(.+)_stat-([A-Za-z0-9]+)_statmap\.nii(?:\.gz)?$/

/** Lesions in the order of the manifest, or contrasts in that of the config, then everything else. */
export const groupMaps = (manifest: Manifest): ReadonlyArray<MapGroup> =>
  isOfGroup(manifest) ? mapsOfAnalysis(manifest) : mapsOfLesions(manifest)

const mapsOfLesions = ({ outputs, lesions }: Manifest): ReadonlyArray<MapGroup> => {
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

/** A map that has no statistic in its name is one of what it is called, without a number: component1 is a component. */
const mapsOfAnalysis = ({ outputs, config }: Manifest): ReadonlyArray<MapGroup> => {
  const groups = new Map<string, Map<string, FileRecord>>()
  for (const output of outputs) {
    const name = groupMapName(output.path)
    if (name === undefined) continue
    const maps = groups.get(name.desc) ?? new Map<string, FileRecord>()
    groups.set(name.desc, maps.set(name.statistic ?? name.desc.replace(/\d+$/, ""), output))
  }
  const named = (reportedGroupConfig(config).contrasts ?? []).map(({ name }) => name)
  const rank = ({ name }: MapGroup) => (named.includes(name) ? named.indexOf(name) : named.length)
  return [...groups].map(([name, maps]) => ({ name, maps, lesion: undefined })).sort((a, b) => rank(a) - rank(b))
}

/** What a voxel outside of the brain mask holds in a map of a statistic. */
export const backgroundOf = (statistic: string, known: ReadonlyArray<KnownStatistic>): number =>
  known.find(({ name }) => name === statistic)?.background ?? 0

const kindOf = (known: KnownStatistic | undefined): ViewedStatistic["kind"] =>
  known?.background === 1 ? "probability" : known?.oneSided === true ? "positive" : "signed"

/** The statistics that groups have: those that are known in their order, then others. */
export const statisticsOf = (
  groups: ReadonlyArray<MapGroup>,
  known: ReadonlyArray<KnownStatistic>,
  thresholds: Readonly<Record<string, number | undefined>>
): ReadonlyArray<ViewedStatistic> => {
  const rows = new Map(known.map((row) => [row.name, row]))
  const found = new Set(groups.flatMap(({ maps }) => [...maps.keys()]))
  const names = [...[...rows.keys()].filter((name) => found.has(name)), ...[...found].filter((name) => !rows.has(name))]
  return names.map((name) => ({
    name,
    description: rows.get(name)?.description ?? `Map of ${name}`,
    kind: kindOf(rows.get(name)),
    threshold: thresholds[name]
  }))
}
