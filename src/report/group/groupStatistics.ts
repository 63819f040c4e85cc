/** The statistics of a group's maps as people meet them, in the report and in the viewer: what each is, and whether small values are the strong ones. */

export interface GroupStatistic {
  readonly name: string
  readonly description: string
  /** Outside of the voxels that were tested: 1 for p, else 0. */
  readonly background: 0 | 1
}

/** The statistic first, by which a contrast is looked at first. */
export const groupStatistics: ReadonlyArray<GroupStatistic> = [
  { name: "t", description: "t of the effect over patients", background: 0 },
  { name: "g", description: "Winkler's G of the effect: t with a variance for each group", background: 0 },
  {
    name: "effect",
    description: "Change of Fisher z with one unit of the effect, covariates taken out",
    background: 0
  },
  { name: "z", description: "z of the effect over patients; of the mean map Fisher z", background: 0 },
  { name: "r", description: "Partial correlation of effect, or score, and map over patients", background: 0 },
  { name: "p", description: "Two-tailed p by permutation, uncorrected", background: 1 },
  {
    name: "pfwe",
    description: "p corrected for all voxels by the largest statistic of each permutation",
    background: 1
  },
  { name: "pfdr", description: "p by permutation, adjusted for the false discovery rate", background: 1 },
  { name: "tfce", description: "Threshold-free cluster enhancement of the statistic", background: 0 },
  { name: "ptfcefwe", description: "p of TFCE, corrected by its largest value of each permutation", background: 1 },
  { name: "extent", description: "Voxels of the cluster that a voxel is in", background: 0 },
  {
    name: "pextentfwe",
    description: "p of the cluster's extent, corrected by the largest of each permutation",
    background: 1
  },
  { name: "mass", description: "Sum of the statistic's size over the cluster that a voxel is in", background: 0 },
  {
    name: "pmassfwe",
    description: "p of the cluster's mass, corrected by the largest of each permutation",
    background: 1
  },
  { name: "coverage", description: "Patients who have a value in a voxel", background: 0 },
  { name: "component", description: "Pattern by which the patients' maps differ", background: 0 }
]

export const describeGroupStatistic = (name: string): string =>
  groupStatistics.find((row) => row.name === name)?.description ?? `Map of ${name}`
