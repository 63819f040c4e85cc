/** The maps of a contrast, a row each: what its name is, its numbers, and where it has none. */
import type { NiftiIntent } from "../../imaging/nifti/writeNifti.ts"
import { formingP } from "../../kernels/group/groupPolicy.ts"
import type { ContrastMaps } from "./Contrast.ts"
import type { SpatialFindings } from "./SpatialContrast.ts"

/** Which maps a contrast has. */
export interface ContrastChoice {
  readonly variance: "equal" | "unequal"
  readonly tfce: boolean
  readonly clusters: boolean
}

export interface FoundContrast {
  readonly maps: ContrastMaps
  /** Undefined without `tfce` and `clusters`. */
  readonly spatial: SpatialFindings | undefined
}

export interface ContrastRow {
  readonly name: string
  readonly values: (found: FoundContrast) => Float64Array
  readonly description: string
  readonly unit: string
  readonly background: 0 | 1
  /** NIfTI's code of the statistic. */
  readonly intent?: (degreesOfFreedom: number) => NiftiIntent
  /** What is made with neighbours. */
  readonly of?: "tfce" | "clusters"
}

const pValue = { unit: "probability", background: 1, intent: () => ({ code: 22 }) } as const
const value = { unit: "arbitrary", background: 0 } as const

const effect: ContrastRow = {
  ...value,
  name: "effect",
  values: ({ maps }) => maps.effect,
  description: "Change of Fisher z with one unit of the effect, covariates taken out; of ranks where these are taken"
}

const t: ContrastRow = {
  ...value,
  name: "t",
  values: ({ maps }) => maps.statistic,
  description: "t of the effect, by Freedman and Lane's method",
  intent: (degreesOfFreedom) => ({ code: 3, parameters: [degreesOfFreedom] })
}

const g: ContrastRow = {
  ...value,
  name: "g",
  values: ({ maps }) => maps.statistic,
  description: "Winkler's G: t with a variance for each group"
}

const z: ContrastRow = {
  ...value,
  name: "z",
  values: ({ maps }) => maps.z!,
  description: "z that has the two-tailed p of t, with the sign of t; not a Fisher z",
  intent: () => ({ code: 5 })
}

const inference: ReadonlyArray<ContrastRow> = [
  {
    name: "r",
    values: ({ maps }) => maps.correlation,
    description: "Partial correlation of effect and map",
    unit: "correlation coefficient",
    background: 0
  },
  { ...pValue, name: "p", values: ({ maps }) => maps.p, description: "Two-tailed p by permutation, uncorrected" },
  {
    ...pValue,
    name: "pfwe",
    values: ({ maps }) => maps.familyWise,
    description: "Two-tailed p by permutation, corrected for all voxels by the largest statistic of each permutation"
  },
  {
    ...pValue,
    name: "pfdr",
    values: ({ maps }) => maps.falseDiscovery,
    description: "p by permutation (stat-p), adjusted for the false discovery rate (Benjamini and Hochberg)"
  }
]

const correctedBy = (largest: string): string =>
  `p by permutation, corrected for all voxels by the largest ${largest} of either sign of each permutation`

const enhancement: ReadonlyArray<ContrastRow> = [
  {
    ...value,
    name: "tfce",
    values: ({ spatial }) => spatial!.observed.enhanced,
    description: "Threshold-free cluster enhancement of the statistic, both signs apart",
    of: "tfce"
  },
  {
    ...pValue,
    name: "ptfcefwe",
    values: ({ spatial }) => spatial!.familyWise.enhanced,
    description: correctedBy("enhanced value"),
    of: "tfce"
  }
]

const clusters: ReadonlyArray<ContrastRow> = [
  {
    name: "extent",
    values: ({ spatial }) => spatial!.observed.extents,
    description: `Voxels of the cluster that a voxel is in; clusters are formed at a two-tailed p of ${formingP}, both signs apart`,
    unit: "voxels",
    background: 0,
    of: "clusters"
  },
  {
    ...pValue,
    name: "pextentfwe",
    values: ({ spatial }) => spatial!.familyWise.extents,
    description: correctedBy("extent"),
    of: "clusters"
  },
  {
    ...value,
    name: "mass",
    values: ({ spatial }) => spatial!.observed.masses,
    description: "Sum of the statistic's size over the voxels of the cluster that a voxel is in",
    of: "clusters"
  },
  {
    ...pValue,
    name: "pmassfwe",
    values: ({ spatial }) => spatial!.familyWise.masses,
    description: correctedBy("mass"),
    of: "clusters"
  }
]

export const contrastRows = (choice: ContrastChoice): ReadonlyArray<ContrastRow> => [
  effect,
  ...(choice.variance === "unequal" ? [g] : [t, z]),
  ...inference,
  ...(choice.tfce ? enhancement : []),
  ...(choice.clusters ? clusters : [])
]
