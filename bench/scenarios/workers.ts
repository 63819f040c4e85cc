/** What a second core brings: one worker against two, for the headline job and where computing is the limit. */
import { type Bench, lnm } from "../competitors.ts"
import { compareCosts, median, ratio } from "../costs.ts"
import type { Section, Target } from "../report.ts"

/** One map suffices: writing is no part of the cost of a subject. */
const maps = ["r"]

export const workers = async (bench: Bench): Promise<Section> => {
  const { name, lesions, scalingLesions, subjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const count of name === "full" ? [lesions, scalingLesions] : [scalingLesions]) {
    const job = (many: number) => ({ storage: "plain", subjects: many, lesions: count, maps }) as const
    const jobs = [job(subjects[0]), job(subjects[1])] as const
    const costs = await compareCosts(
      bench,
      [1, 2].map((number) => ({
        competitor: lnm({ name: `${number} worker(s)`, compute: { workers: number } }),
        jobs
      })),
      repetitions
    )
    const [one, two] = [costs[0]!, costs[1]!]
    const speedup = ratio(two, one)
    const milliseconds = [one, two].map(({ wallSeconds }) => (1000 * median(wallSeconds)).toFixed(1))
    rows.push([String(count), ...milliseconds, `${speedup.toFixed(2)}×`])
    raw.push(costs)
    if (count === scalingLesions) {
      targets.push({
        what: `two cores against one, ${count} lesions`,
        measured: speedup,
        bound: "at least",
        required: 1.8,
        unit: "×"
      })
    }
  }
  return {
    title: "One core and two",
    columns: ["lesions", "1 worker, ms a subject", "2 workers, ms a subject", "speed"],
    rows,
    notes: [`Uncompressed HDF5. With ${scalingLesions} lesions computing is the limit, whatever is read.`],
    targets,
    raw
  }
}
