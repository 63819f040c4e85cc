/**
 * What is measured: the sizes of the two workloads. The full one is the headline job, 96 lesions in 50,000 voxels and 120 time
 * points; the quick one only shows that everything runs.
 */

/** The parameters of data.py. */
export interface DataParameters {
  readonly grid_mm: number
  readonly voxels: number
  readonly time_points: number
  readonly subjects_per_file: number
  readonly unique_subjects: number
  readonly lesions: number
  readonly weighted_lesions: number
  readonly gzip: boolean
}

/** Fewer and more of something, whose difference gives the cost of one. */
export type Pair = readonly [fewer: number, more: number]

export interface Workload {
  readonly name: "full" | "quick"
  readonly data: DataParameters
  /** As many voxels as a whole brain has. */
  readonly wholeBrain: DataParameters
  readonly lesions: number
  readonly subjects: Pair
  /** Where a run is only looked at, or memory is filled by lesions. */
  readonly fewSubjects: number
  /** A whole connectome. */
  readonly headlineSubjects: number
  /** Lesions that are held against the float64 reference. */
  readonly checkedLesions: number
  /** So many that computing is the limit, whatever is read. */
  readonly computingLesions: number
  readonly manyLesions: number
  /** For several passes over the many lesions; undefined: what a third of them needs. */
  readonly manyLesionsMemory: string | undefined
  readonly scale: {
    readonly lesions: ReadonlyArray<number>
    readonly lesionSubjects: Pair
    readonly subjects: ReadonlyArray<number>
    readonly voxelSubjects: Pair
  }
  /** For a run that is long enough for several checkpoints. */
  readonly checkpointSubjects: number
  readonly repetitions: number
  /** Rounds of kernels and of the peak. */
  readonly rounds: number
}

export const workloads: Readonly<Record<Workload["name"], Workload>> = {
  full: {
    name: "full",
    data: {
      grid_mm: 2,
      voxels: 50_000,
      time_points: 120,
      subjects_per_file: 10,
      unique_subjects: 60,
      lesions: 1000,
      weighted_lesions: 12,
      gzip: true
    },
    wholeBrain: {
      grid_mm: 2,
      voxels: 285_000,
      time_points: 120,
      subjects_per_file: 5,
      unique_subjects: 10,
      lesions: 96,
      weighted_lesions: 0,
      gzip: false
    },
    lesions: 96,
    subjects: [60, 480],
    // With fewer, t is in the hundreds now and then, where float32 falls short of the bound.
    fewSubjects: 20,
    headlineSubjects: 1000,
    checkedLesions: 12,
    computingLesions: 384,
    manyLesions: 1000,
    manyLesionsMemory: "1GB",
    scale: {
      lesions: [1, 10, 100, 1000],
      lesionSubjects: [60, 240],
      subjects: [60, 240, 480, 1000],
      voxelSubjects: [10, 40]
    },
    checkpointSubjects: 400,
    repetitions: 5,
    rounds: 200
  },
  quick: {
    name: "quick",
    data: {
      grid_mm: 4,
      voxels: 5000,
      time_points: 60,
      subjects_per_file: 4,
      unique_subjects: 12,
      lesions: 36,
      weighted_lesions: 4,
      gzip: true
    },
    wholeBrain: {
      grid_mm: 4,
      voxels: 28_500,
      time_points: 60,
      subjects_per_file: 4,
      unique_subjects: 4,
      lesions: 12,
      weighted_lesions: 0,
      gzip: false
    },
    lesions: 12,
    subjects: [12, 48],
    fewSubjects: 12,
    headlineSubjects: 96,
    checkedLesions: 12,
    computingLesions: 24,
    manyLesions: 36,
    manyLesionsMemory: undefined,
    scale: { lesions: [1, 12, 36], lesionSubjects: [12, 48], subjects: [12, 48, 96], voxelSubjects: [4, 12] },
    checkpointSubjects: 12,
    repetitions: 1,
    rounds: 10
  }
}
