/** The headline job as a user runs it, all maps written: time and memory of whole processes. */
import { type Bench, type Job, lastManifest, lnm, matmul, matmulThreads } from "../competitors.ts"
import { type Costs, compareCosts, medianWall, peaks } from "../costs.ts"
import { mebibytes } from "../costTable.ts"
import { median } from "../median.ts"
import type { Section, Target } from "../report.ts"

const mostRepetitions = 3

const memoryTargets = (ours: Costs, predictedBytes: number): ReadonlyArray<Target> => {
  const medianPeak = (size: 0 | 1) => median(ours.runs.map((pair) => pair[size].peakBytes))
  const [fewer, more] = ours.jobs
  return [
    {
      what: `peak memory of ${fewer.lesions} lesions`,
      measured: mebibytes(Math.max(...peaks(ours))),
      bound: "at most",
      required: 800,
      unit: " MiB",
      digits: 0
    },
    {
      what: `its difference between ${fewer.subjects} and ${more.subjects} subjects`,
      measured: 100 * Math.abs(medianPeak(1) / medianPeak(0) - 1),
      bound: "at most",
      required: 5,
      unit: " %",
      digits: 1
    },
    {
      what: "deviation of the plan from the peak memory",
      measured: 100 * Math.abs(predictedBytes / medianPeak(1) - 1),
      bound: "at most",
      required: 15,
      unit: " %",
      digits: 1
    }
  ]
}

export const wholeRun = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects, repetitions } = bench.workload
  const job = (count: number): Job => ({ storage: "plain", subjects: count, lesions })
  const jobs = [job(subjects[0]), job(subjects[1])] as const
  let predictedBytes = 0
  const inspect = async () => {
    predictedBytes = (await lastManifest(bench)).plan.predicted_peak_bytes
  }
  const costs = await compareCosts(
    bench,
    [
      { competitor: lnm(), jobs, inspect },
      { competitor: matmul, jobs },
      { competitor: matmulThreads, jobs }
    ],
    Math.min(mostRepetitions, repetitions)
  )
  const peak = (each: Costs, size: 0 | 1) => mebibytes(peaks(each)[size]).toFixed(0)
  return {
    title: `The whole run: ${lesions} lesions, all maps, uncompressed HDF5`,
    columns: [
      "",
      ...subjects.map((count) => `s, ${count} subjects`),
      ...subjects.map((count) => `peak MiB, ${count} subjects`)
    ],
    rows: costs.map((each) => [
      each.name,
      medianWall(each, 0).toFixed(2),
      medianWall(each, 1).toFixed(2),
      peak(each, 0),
      peak(each, 1)
    ]),
    notes: [
      `Medians of ${Math.min(mostRepetitions, repetitions)}; of memory the largest. ` +
        `The plan said ${mebibytes(predictedBytes).toFixed(0)} MiB.`
    ],
    targets: memoryTargets(costs[0]!, predictedBytes),
    raw: { costs, predictedBytes }
  }
}
