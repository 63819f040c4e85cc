/**
 * The one table of statistics: everything that is known of each map. A new map is a row here and the kernel that it names.
 *
 * Read by the statistics stage and the engine's workers (what to compute), writeMaps, sidecars, the tables of parcels, the summary, the
 * seed matrix, and the config (which maps there are). Rows are computed and written in this order.
 *
 * r̄ and z̄ have no NIfTI intent: a correlation's intent asks for the degrees of freedom of one correlation, and Fisher z is no z score,
 * of which a viewer would make p values.
 *
 * Source: nifti1.h, "Statistical codes"
 */
import type { NiftiIntent } from "../imaging/nifti/writeNifti.ts"
import { copyMeans } from "../kernels/LesionSums.ts"
import { adjustedP, meanR, twoTailedP } from "../kernels/lesionMaps.ts"
import type { MapKernel } from "../kernels/lesionStatistics.ts"
import { oneSampleT } from "../kernels/oneSampleT.ts"
import { sampleSd } from "../kernels/sampleSd.ts"

export interface StatisticMap extends MapKernel {
  /** In file names, in the config, and as `StatisticType` of the sidecar. */
  readonly name: string
  /** What the numbers are, for the map's sidecar. */
  readonly description: string
  readonly unit: string
  /** Value outside the brain mask. */
  readonly background: number
  /** Whether no value is below 0, and 0 is nothing. Default: values are of either sign, or probabilities. */
  readonly oneSided?: true
  /** Whether it is written only where a config names it; the others are its default. */
  readonly onRequest?: true
  /** What viewers may compute from the numbers, for so many subjects. */
  readonly intent?: (subjects: number) => NiftiIntent
  /** Degrees of freedom of the statistic, for so many subjects. */
  readonly degreesOfFreedom?: (subjects: number) => number
  /** What its mean over a parcel's voxels is; no such column of the tables of parcels where there are no words. */
  readonly ofParcel?: string
  /** Whether the summary has its least, largest and mean value over the brain mask. */
  readonly inSummary?: true
  /** The same statistic of two seeds, from their mean z over subjects; no table of the seed matrix where it is not there. */
  readonly ofSeeds?: { readonly description: string; readonly fromMeanZ: (meanZ: number) => number }
}

/** Degrees of freedom of a one-sample t. */
const oneLess = (subjects: number): number => subjects - 1

/** NIFTI_INTENT_TTEST, whose parameter is the degrees of freedom. */
const tTest = (subjects: number): NiftiIntent => ({ code: 3, parameters: [oneLess(subjects)] })

/** NIFTI_INTENT_PVAL. */
const pValue = (): NiftiIntent => ({ code: 22 })

/** The unit of a number that has none. */
export const arbitraryUnit = "arbitrary"

export const statisticMaps = [
  {
    name: "r",
    description:
      "Mean functional connectivity with the lesion: tanh of the mean over subjects of Fisher z transformed Pearson correlations",
    unit: "correlation coefficient",
    background: 0,
    ofParcel: "Mean over the parcel's voxels of r, the mean functional connectivity with the lesion",
    inSummary: true,
    ofSeeds: {
      description:
        "tanh of the mean over subjects of Fisher z transformed correlations between the seed time series of two lesions",
      fromMeanZ: Math.tanh
    },
    compute: meanR
  },
  {
    name: "z",
    description: "Mean over subjects of Fisher z transformed Pearson correlations with the lesion's seed time series",
    unit: arbitraryUnit,
    background: 0,
    ofParcel: "Mean over the parcel's voxels of z, the mean over subjects of Fisher z transformed correlations",
    ofSeeds: {
      description:
        "Mean over subjects of Fisher z transformed correlations between the seed time series of two lesions",
      fromMeanZ: (meanZ) => meanZ
    },
    compute: copyMeans
  },
  {
    name: "t",
    description: "One-sample t over subjects of the Fisher z transformed correlations, against zero",
    unit: arbitraryUnit,
    background: 0,
    intent: tTest,
    degreesOfFreedom: oneLess,
    ofParcel: "Mean over the parcel's voxels of t, the one-sample t over subjects of z against zero",
    inSummary: true,
    compute: (sums, t, { z }, scratch) => oneSampleT(sums, z!, t, scratch)
  },
  {
    name: "sd",
    description:
      "Sample standard deviation over subjects (divided by one less than their number) of the Fisher z transformed correlations",
    unit: arbitraryUnit,
    background: 0,
    oneSided: true,
    onRequest: true,
    // The row of t has left the squared deviations in the scratch: computing them takes far longer than the rest.
    compute: (sums, sd, { z }, scratch) => sampleSd(sums, z!, scratch, sd)
  },
  {
    name: "p",
    description: "Two-tailed p of t, uncorrected",
    unit: "probability",
    background: 1,
    intent: pValue,
    degreesOfFreedom: oneLess,
    compute: ({ subjects }, p, { t }) => twoTailedP(t!, oneLess(subjects), p)
  },
  {
    name: "pfdr",
    description:
      "Two-tailed p of t, adjusted for the false discovery rate over the brain mask (Benjamini and Hochberg)",
    unit: "probability",
    background: 1,
    intent: pValue,
    degreesOfFreedom: oneLess,
    compute: (_, pfdr, { p }, scratch) => adjustedP(p!, pfdr, scratch)
  }
] as const satisfies ReadonlyArray<StatisticMap>
