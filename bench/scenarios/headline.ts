/** The headline job whole, 96 lesions in a whole connectome with all maps, as a user waits for it; and against another checkout. */
import { type Bench, type Job, lnmAndBefore } from "../competitors.ts"
import { compareRuns } from "../costs.ts"
import { mebibytes, sharesOfPeak } from "../costTable.ts"
import { storageName } from "../dataset.ts"
import { coreSeconds, type Measured } from "../measure.ts"
import { median, spread } from "../median.ts"
import { widthsInWords } from "../peak/peaks.ts"
import type { Section, Target } from "../report.ts"

/** The most that the job may take on a store, of what it took before. */
const requiredOnStore = 0.65

const wallsOf = (runs: ReadonlyArray<Measured>) => runs.map(({ wallSeconds }) => wallSeconds)

/** Of each repetition: the time as a share of that of another way. */
const sharesOf = (runs: ReadonlyArray<Measured>, others: ReadonlyArray<Measured>): ReadonlyArray<number> =>
  runs.map(({ wallSeconds }, repetition) => wallSeconds / others[repetition]!.wallSeconds)

const rowOf = (bench: Bench, name: string, job: Job, runs: ReadonlyArray<Measured>): ReadonlyArray<string> => {
  const walls = wallsOf(runs)
  return [
    name,
    median(walls).toFixed(2),
    spread(walls, 2),
    median(runs.map(coreSeconds)).toFixed(2),
    mebibytes(Math.max(...runs.map(({ peakBytes }) => peakBytes))).toFixed(0),
    (median(runs.map(({ diskBytes }) => diskBytes)) / 1e9).toFixed(1),
    sharesOfPeak(bench, job, median(walls) / job.subjects)
  ]
}

export const headline = async (bench: Bench): Promise<Section> => {
  const { lesions, headlineSubjects: subjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  // One after the other: both together are more than most page caches hold.
  for (const storage of ["store", "plain"] as const) {
    const job = { storage, subjects, lesions }
    const competitors = lnmAndBefore(bench)
    const measured = await compareRuns(
      bench,
      competitors.map((competitor) => ({ competitor, job })),
      repetitions
    )
    raw.push({ storage, measured })
    const [ours, before] = [measured[0]!, measured[1]]
    const shares = before === undefined ? [] : sharesOf(ours, before)
    for (const [i, { name }] of competitors.entries()) {
      const ofBefore = i === 0 && before !== undefined ? `${median(shares).toFixed(2)}, ${spread(shares, 2)}` : ""
      rows.push([...rowOf(bench, `${storageName[storage]}: ${name}`, job, measured[i]!), ofBefore])
    }
    if (before === undefined || storage !== "store") continue
    targets.push({
      what: `${subjects} subjects, ${storageName[storage]}, all maps: time as a share of that of ${competitors[1]!.name}`,
      measured: median(shares),
      bound: "at most",
      required: requiredOnStore,
      ofPeak: sharesOfPeak(bench, job, median(wallsOf(ours)) / subjects)
    })
  }
  const { time_points, voxels } = bench.dataset.parameters
  const gigabytes = (4 * time_points * voxels * subjects) / 1e9
  return {
    title: `${lesions} lesions in ${subjects} subjects, all maps`,
    columns: [
      "",
      "s",
      "least to most",
      "core s",
      "peak MiB",
      "GB from the disk",
      `of the peak, ${widthsInWords(bench.peaks.allCores)}`,
      "of the time before, least to most"
    ],
    rows,
    notes: [
      `Whole processes, everything included. Uncompressed HDF5 has ${gigabytes.toFixed(1)} GB; what the page cache does not hold comes from the disk.`
    ],
    targets,
    raw
  }
}
