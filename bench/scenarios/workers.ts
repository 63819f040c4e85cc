/** What a second core brings: one worker against two, for the headline job and where computing is the limit. */
import { type Bench, lnm } from "../competitors.ts"
import { compareCosts, ratio } from "../costs.ts"
import { sharesOfPeak } from "../costTable.ts"
import { median, spread } from "../median.ts"
import { widthsInWords } from "../peak/peaks.ts"
import type { Section, Target } from "../report.ts"

export const workers = async (bench: Bench): Promise<Section> => {
  const { name, lesions, computingLesions, subjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const count of name === "full" ? [lesions, computingLesions] : [computingLesions]) {
    // One map suffices: writing is no part of the cost of a subject.
    const job = (many: number) => ({ storage: "plain", subjects: many, lesions: count, maps: ["r"] }) as const
    const jobs = [job(subjects[0]), job(subjects[1])] as const
    const contenders = [1, 2].map((number) => ({
      competitor: lnm({ name: `${number} worker(s)`, compute: { workers: number } }),
      jobs
    }))
    const costs = await compareCosts(bench, contenders, repetitions)
    const [one, two] = [costs[0]!, costs[1]!]
    const speedups = one.wallSeconds.map((seconds, i) => seconds / two.wallSeconds[i]!)
    const milliseconds = [one, two].map(({ wallSeconds }) => (1000 * median(wallSeconds)).toFixed(1))
    const ofPeak = sharesOfPeak(bench, jobs[1], median(two.wallSeconds))
    rows.push([String(count), ...milliseconds, `${median(speedups).toFixed(2)}×`, spread(speedups, 2), ofPeak])
    raw.push(costs)
    if (count !== computingLesions) continue
    targets.push({
      what: `two cores against one, ${count} lesions`,
      measured: ratio(two, one),
      bound: "at least",
      required: 1.9,
      unit: "×",
      ofPeak
    })
  }
  return {
    title: "One core and two",
    columns: [
      "lesions",
      "1 worker, ms a subject",
      "2 workers, ms a subject",
      "speed",
      "least to most",
      `2 workers, of the peak, ${widthsInWords(bench.peaks.allCores)}`
    ],
    rows,
    notes: [
      `Uncompressed HDF5, ${subjects.join(" and ")} subjects. With ${computingLesions} lesions computing is the limit, whatever is read.`
    ],
    targets,
    raw
  }
}
