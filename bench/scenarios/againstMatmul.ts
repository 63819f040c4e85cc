/** What a subject of the headline job costs, against peer (a), NumPy with BLAS. */
import { type Bench, type Job, lnm, matmul, matmulThreads } from "../competitors.ts"
import { type Costs, compareCosts, median, medianWall, peaks, ratio } from "../costs.ts"
import type { Section, Target } from "../report.ts"
import type { Storage } from "../workload.ts"

const mebibytes = (bytes: number): number => bytes / 2 ** 20
const milliseconds = (seconds: number): string => (1000 * seconds).toFixed(1)

export const costColumns = [
  "",
  "ms a subject",
  "least to most",
  "core ms a subject",
  "subjects",
  "s",
  "peak MiB",
  "cost to lnm"
]

/** A row a competitor; the first is the one that the others are compared with. */
export const costRow = (ours: Costs, costs: Costs): ReadonlyArray<string> => [
  costs.name,
  milliseconds(median(costs.wallSeconds)),
  `${milliseconds(Math.min(...costs.wallSeconds))} to ${milliseconds(Math.max(...costs.wallSeconds))}`,
  milliseconds(median(costs.cpuSeconds)),
  costs.jobs.map(({ subjects }) => subjects).join(", "),
  ([0, 1] as const).map((size) => medianWall(costs, size).toFixed(2)).join(", "),
  peaks(costs)
    .map((bytes) => mebibytes(bytes).toFixed(0))
    .join(", "),
  `${ratio(ours, costs).toFixed(2)}×`
]

const storageName: Readonly<Record<Storage, string>> = { plain: "uncompressed HDF5", gzip: "gzip HDF5" }

const speedBounds: Readonly<Record<Storage, readonly [required: number, aim: number]>> = {
  plain: [2.5, 4],
  gzip: [1.5, 3]
}

/** One map suffices: what is written once says nothing about the cost of a subject, but its time varies. */
const maps = ["r"]

export const againstMatmul = async (bench: Bench, storage: Storage): Promise<Section> => {
  const { lesions, subjects, manySubjects, repetitions, voxels, timePoints } = bench.workload
  const jobsOn = ([fewer, more]: readonly [number, number]) => {
    const job = (count: number): Job => ({ storage, subjects: count, lesions, maps })
    return [job(fewer), job(more)] as const
  }
  const costs = await compareCosts(
    bench,
    [
      { competitor: lnm(), jobs: jobsOn(manySubjects) },
      { competitor: matmul, jobs: jobsOn(subjects) },
      { competitor: matmulThreads, jobs: jobsOn(subjects) }
    ],
    repetitions
  )
  const [ours, ...peers] = costs
  const rate = (2 * lesions * timePoints * voxels) / median(ours!.wallSeconds) / 1e9
  const [required, aim] = speedBounds[storage]
  return {
    title: `${lesions} lesions, ${storageName[storage]}`,
    columns: costColumns,
    rows: costs.map((each) => costRow(ours!, each)),
    notes: [
      "Cost a subject from whole processes with fewer and with more subjects that write the map of r.",
      `lnm: ${rate.toFixed(1)} GFLOP/s of correlation, everything included.`
    ],
    targets: peers.map(
      (peer): Target => ({
        what: `${storageName[storage]}: speed against ${peer.name}`,
        measured: ratio(ours!, peer),
        bound: "at least",
        required,
        aim,
        unit: "×"
      })
    ),
    raw: costs
  }
}
