/**
 * The JSON sidecar of each map: what the numbers are, from which lesion and connectome, by which method, in the words
 * of BIDS where it has them.
 *
 * Source: BIDS 1.10, common derivatives, https://bids-specification.readthedocs.io
 */
import type { Connectome } from "../connectome/Connectome.ts"
import type { Lesion } from "../lesions/Lesion.ts"
import type { Seed } from "../lesions/seeds/Seed.ts"
import type { MaskName } from "./lesionMasks.ts"
import type { StatisticMap } from "./statisticMaps.ts"
import { statisticMap } from "./statisticRows.ts"

/** What all maps of a run share. */
export interface MapProvenance {
  readonly version: string
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  /** How seeds were refined, where they were. */
  readonly pini?: { readonly percentile: number; readonly scope: string } | undefined
  /** The lesions whose seeds were taken out of one another, where they were. */
  readonly partial?: { readonly lesions: ReadonlyArray<unknown> } | undefined
}

export interface MapSubject {
  readonly lesion: Lesion
  /** Subjects of the connectome over which the statistic was taken. */
  readonly subjects: number
  /** Whether the map was resampled from the connectome's grid to the lesion's. */
  readonly resampled: boolean
  /** What brought it to the lesion's template; undefined: it lies in the connectome's. */
  readonly broughtBack?: { readonly space: string; readonly file: string } | undefined
  readonly options: {
    readonly connectome: Connectome
    readonly space: string
    readonly method: string
    readonly provenance: MapProvenance
  }
}

export const describeMap = ({ name, description, unit, degreesOfFreedom }: StatisticMap, map: MapSubject): object => ({
  Description: description,
  StatisticType: name,
  Units: unit,
  ...(degreesOfFreedom === undefined ? {} : { DegreesOfFreedom: degreesOfFreedom(map.subjects) }),
  ...describeGrid(map, "linear"),
  ...describeLesion(map),
  ...describeSpace(map)
})

/** Of which statistic a mask is made. */
const statisticOf = { pfdrthreshold: "pfdr", tthreshold: "t" } as const

export const describeMask = (mask: MaskName, map: MapSubject): object => {
  const { fdrAlpha, tThreshold } = map.options.provenance
  const { name, degreesOfFreedom } = statisticMap(statisticOf[mask])
  return {
    Description: mask === "pfdrthreshold" ? `Voxels with pfdr < ${fdrAlpha}` : `Voxels with |t| ≥ ${tThreshold}`,
    Type: "ROI",
    StatisticType: name,
    Threshold: mask === "pfdrthreshold" ? fdrAlpha : tThreshold,
    DegreesOfFreedom: degreesOfFreedom?.(map.subjects),
    ...describeGrid(map, "nearest"),
    ...describeLesion(map),
    ...describeSpace(map)
  }
}

/** The sidecar's words for the volume's grid, and for how the volume was brought onto it. */
const describeGrid = ({ resampled }: MapSubject, interpolation: "linear" | "nearest") => ({
  Grid: resampled ? "lesion" : "connectome",
  ...(resampled ? { Interpolation: interpolation } : {})
})

/** The connectome, and over how many of its subjects a map was taken. */
export const describeConnectome = ({ path, chosen }: Pick<Connectome, "path" | "chosen">, subjects: number) => ({
  Connectome: path,
  ConnectomeSubjects: subjects,
  ...(chosen === undefined ? {} : { ConnectomeSubjectsChosenFrom: chosen.from })
})

/** The template of a map that was brought to the lesion's, in place of the connectome's. */
const describeSpace = ({ broughtBack }: MapSubject) =>
  broughtBack === undefined ? {} : { SpatialReference: broughtBack.space, MapWarp: broughtBack.file }

/** What all files of a lesion share: the method, the connectome, and the lesion itself. */
export const describeLesion = ({ lesion, subjects, options }: Omit<MapSubject, "resampled" | "broughtBack">) => ({
  Method: options.method,
  ...(options.provenance.pini === undefined
    ? {}
    : { PiniPercentile: options.provenance.pini.percentile, PiniScope: options.provenance.pini.scope }),
  ...(options.provenance.partial === undefined
    ? {}
    : { SeedsPartial: true, SeedsTakenOut: options.provenance.partial.lesions.length - 1 }),
  ...describeConnectome(options.connectome, subjects),
  SpatialReference: options.space,
  Sources: [lesion.file],
  ...(lesion.seed === undefined ? {} : { LesionSeed: { Name: lesion.name, ...seedKeys(lesion.seed) } }),
  LesionVoxels: lesion.counts.maskVoxels,
  ...(lesion.seedVoxels === undefined ? {} : { SeedVoxels: lesion.seedVoxels }),
  ...(lesion.flipped === undefined ? {} : { LesionFlip: "left", LesionFlipped: lesion.flipped }),
  ...(lesion.warped === undefined ? {} : { LesionWarpedFrom: lesion.warped.from, LesionWarp: lesion.warped.file }),
  LesionWeights: lesion.weights === undefined ? "binary" : "values",
  SoftwareVersion: options.provenance.version
})

/** What a seed is, in the sidecar's words. Coordinates are of the connectome's template. */
const seedKeys = (seed: Seed): object => {
  if (seed.kind === "parcel") return { Kind: "parcel", Label: seed.label }
  return {
    Kind: seed.kind,
    CentreMm: seed.centreMm,
    ...(seed.kind === "sphere" ? { RadiusMm: seed.radiusMm } : {})
  }
}
