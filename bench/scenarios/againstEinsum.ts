/** The headline job against peer (b), NumPy's einsum as lacuna uses it. */
import { type Bench, einsum, lnm } from "../competitors.ts"
import { compareCosts, ratio } from "../costs.ts"
import { costColumns, costRow, sharesOfPeak } from "../costTable.ts"
import { median } from "../median.ts"
import type { Section } from "../report.ts"

/** Few, since it is slow. */
const repetitions = 2

export const againstEinsum = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects } = bench.workload
  const job = (count: number) => ({ storage: "plain", subjects: count, lesions, maps: ["r"] }) as const
  const jobs = [job(subjects[0]), job(subjects[1])] as const
  const contenders = [lnm(), einsum].map((competitor) => ({ competitor, jobs }))
  const costs = await compareCosts(bench, contenders, Math.min(repetitions, bench.workload.repetitions))
  const [ours, theirs] = [costs[0]!, costs[1]!]
  return {
    title: `${lesions} lesions, uncompressed HDF5, against einsum`,
    columns: costColumns(bench),
    rows: costs.map((each) => costRow(bench, ours, each)),
    notes: [`einsum takes a file at a time, of ${bench.dataset.parameters.subjects_per_file} subjects.`],
    targets: [
      {
        what: "uncompressed HDF5: speed against NumPy einsum",
        measured: ratio(ours, theirs),
        bound: "at least",
        required: 40,
        aim: 70,
        unit: "×",
        digits: 1,
        ofPeak: sharesOfPeak(bench, jobs[1], median(ours.wallSeconds))
      }
    ],
    raw: { costs }
  }
}
