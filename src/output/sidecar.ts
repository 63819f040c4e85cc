/**
 * The JSON sidecar of each map: what the numbers are, from which lesion and connectome, by which method, in the words
 * of BIDS where it has them.
 *
 * Source: BIDS 1.10, common derivatives, https://bids-specification.readthedocs.io
 */
import type { Connectome } from "../connectome/Connectome.ts"
import type { Statistic } from "../kernels/numericPolicy.ts"
import type { Lesion } from "../lesions/Lesion.ts"

/** What all maps of a run share. */
export interface MapProvenance {
  readonly version: string
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  /** How seeds were refined, where they were. */
  readonly pini?: { readonly percentile: number; readonly scope: string } | undefined
}

export interface MapSubject {
  readonly lesion: Lesion
  /** Subjects of the connectome over which the statistic was taken. */
  readonly subjects: number
  /** Whether the map was resampled from the connectome's grid to the lesion's. */
  readonly resampled: boolean
  readonly options: {
    readonly connectome: Connectome
    readonly space: string
    readonly method: string
    readonly provenance: MapProvenance
  }
}

const descriptions: Readonly<Record<Statistic, string>> = {
  r: "Mean functional connectivity with the lesion: tanh of the mean over subjects of Fisher z transformed Pearson correlations",
  z: "Mean over subjects of Fisher z transformed Pearson correlations with the lesion's seed time series",
  t: "One-sample t over subjects of the Fisher z transformed correlations, against zero",
  p: "Two-tailed p of t, uncorrected",
  pfdr: "Two-tailed p of t, adjusted for the false discovery rate over the brain mask (Benjamini and Hochberg)"
}

const units: Readonly<Record<Statistic, string>> = {
  r: "correlation coefficient",
  z: "arbitrary",
  t: "arbitrary",
  p: "probability",
  pfdr: "probability"
}

export const describeMap = (statistic: Statistic, map: MapSubject): object => ({
  Description: descriptions[statistic],
  StatisticType: statistic,
  Units: units[statistic],
  ...(statistic === "t" || statistic === "p" || statistic === "pfdr" ? { DegreesOfFreedom: map.subjects - 1 } : {}),
  ...describeGrid(map, "linear"),
  ...describeLesion(map)
})

export const describeMask = (mask: "pfdrthreshold" | "tthreshold", map: MapSubject): object => {
  const { fdrAlpha, tThreshold } = map.options.provenance
  return {
    Description: mask === "pfdrthreshold" ? `Voxels with pfdr < ${fdrAlpha}` : `Voxels with |t| ≥ ${tThreshold}`,
    Type: "ROI",
    StatisticType: mask === "pfdrthreshold" ? "pfdr" : "t",
    Threshold: mask === "pfdrthreshold" ? fdrAlpha : tThreshold,
    DegreesOfFreedom: map.subjects - 1,
    ...describeGrid(map, "nearest"),
    ...describeLesion(map)
  }
}

/** The sidecar's words for the volume's grid, and for how the volume was brought onto it. */
const describeGrid = ({ resampled }: MapSubject, interpolation: "linear" | "nearest") => ({
  Grid: resampled ? "lesion" : "connectome",
  ...(resampled ? { Interpolation: interpolation } : {})
})

/** What all files of a lesion share: the method, the connectome, and the lesion itself. */
export const describeLesion = ({ lesion, subjects, options }: Omit<MapSubject, "resampled">) => ({
  Method: options.method,
  ...(options.provenance.pini === undefined
    ? {}
    : { PiniPercentile: options.provenance.pini.percentile, PiniScope: options.provenance.pini.scope }),
  Connectome: options.connectome.path,
  ConnectomeSubjects: subjects,
  SpatialReference: options.space,
  Sources: [lesion.file],
  LesionVoxels: lesion.counts.maskVoxels,
  ...(lesion.seedVoxels === undefined ? {} : { SeedVoxels: lesion.seedVoxels }),
  LesionWeights: lesion.weights === undefined ? "binary" : "values",
  SoftwareVersion: options.provenance.version
})
