/**
 * What is measured: the sizes of the two workloads, and their data in the cache folder, made where it is missing.
 *
 * The full workload is the headline job, 96 lesions in 50,000 voxels and 120 time points; the quick one only shows that
 * everything runs.
 */
import { mkdir, statfs } from "node:fs/promises"
import path from "node:path"
import { capture, python } from "./measure.ts"

export interface Workload {
  readonly name: "full" | "quick"
  readonly gridMm: number
  readonly voxels: number
  readonly timePoints: number
  readonly subjectsPerFile: number
  readonly uniqueSubjects: number
  /** Two numbers of subjects, whose difference gives the cost of one. */
  readonly subjects: readonly [number, number]
  readonly einsumSubjects: readonly [number, number]
  /** More subjects, where one costs little: the same files under several names. */
  readonly readingSubjects: readonly [number, number]
  /** Still more, for the cost of a subject of `lnm`: so many that it is more than noise. */
  readonly manySubjects: readonly [number, number]
  readonly lesions: number
  /** Lesions that are held against the float64 reference. */
  readonly checkedLesions: number
  /** In that check; few subjects now and then give a t of hundreds, where float32 falls short of the bound. */
  readonly checkedSubjects: number
  /** So many that computing is the limit, whatever is read. */
  readonly scalingLesions: number
  readonly manyLesions: number
  /** For several passes over the many lesions; undefined: what a third of them needs. */
  readonly manyLesionsMemory: string | undefined
  readonly repetitions: number
  /** Bytes that must be free for the data, with the maps of the largest run beside it. */
  readonly diskBytes: number
}

export const workloads: Readonly<Record<Workload["name"], Workload>> = {
  full: {
    name: "full",
    gridMm: 2,
    voxels: 50_000,
    timePoints: 120,
    subjectsPerFile: 10,
    uniqueSubjects: 60,
    subjects: [20, 60],
    einsumSubjects: [20, 60],
    readingSubjects: [60, 240],
    manySubjects: [60, 480],
    lesions: 96,
    checkedLesions: 12,
    checkedSubjects: 20,
    scalingLesions: 384,
    manyLesions: 1000,
    manyLesionsMemory: "1GB",
    repetitions: 5,
    diskBytes: 13e9
  },
  quick: {
    name: "quick",
    gridMm: 4,
    voxels: 5000,
    timePoints: 60,
    subjectsPerFile: 4,
    uniqueSubjects: 12,
    subjects: [4, 12],
    einsumSubjects: [4, 8],
    readingSubjects: [12, 48],
    manySubjects: [12, 48],
    lesions: 12,
    checkedLesions: 12,
    checkedSubjects: 12,
    scalingLesions: 24,
    manyLesions: 36,
    manyLesionsMemory: undefined,
    repetitions: 1,
    diskBytes: 2e8
  }
}

export const space = "MNI152NLin6Asym"

export type Storage = "plain" | "gzip"

export const connectomeFolder = (data: string, storage: Storage | "store", subjects: number): string =>
  path.join(data, storage === "store" ? `store-int16-${subjects}.zarr` : `connectome-${storage}-${subjects}`)

export const lesionFolder = (data: string, lesions: number): string => path.join(data, `lesions-${lesions}`)

/** Makes the data where the folder does not hold it yet. Fails where the disk is too small. */
export const provideData = async (data: string, workload: Workload): Promise<void> => {
  await mkdir(data, { recursive: true })
  const { bavail, bsize } = await statfs(data)
  if (bavail * bsize < workload.diskBytes) {
    throw new Error(`${data}: ${workload.diskBytes / 1e9} GB must be free; set LNM_BENCH_CACHE to another folder`)
  }
  const { subjects, einsumSubjects, readingSubjects, manySubjects, checkedSubjects } = workload
  const ascending = (numbers: ReadonlyArray<number>) => [...new Set(numbers)].sort((a, b) => a - b)
  const parameters = {
    grid_mm: workload.gridMm,
    voxels: workload.voxels,
    time_points: workload.timePoints,
    subjects_per_file: workload.subjectsPerFile,
    unique_subjects: workload.uniqueSubjects,
    subjects: ascending([...subjects, ...einsumSubjects, ...readingSubjects, ...manySubjects, checkedSubjects]),
    lesions: ascending([1, workload.checkedLesions, workload.lesions, workload.scalingLesions, workload.manyLesions])
  }
  const script = path.join(import.meta.dirname, "data.py")
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1" }
  await capture([python, "-B", script, data, JSON.stringify(parameters)], env)
}
