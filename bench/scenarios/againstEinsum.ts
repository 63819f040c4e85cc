/** The headline job against peer (b), NumPy's einsum as lacuna uses it; fewer subjects, since it is slow. */
import { type Bench, einsum, lnm } from "../competitors.ts"
import { compareCosts, ratio } from "../costs.ts"
import type { Section } from "../report.ts"
import { costColumns, costRow } from "./againstMatmul.ts"

const repetitions = 2

export const againstEinsum = async (bench: Bench): Promise<Section> => {
  const { lesions, manySubjects, einsumSubjects } = bench.workload
  const job = (count: number) => ({ storage: "plain", subjects: count, lesions, maps: ["r"] }) as const
  const costs = await compareCosts(
    bench,
    [
      { competitor: lnm(), jobs: [job(manySubjects[0]), job(manySubjects[1])] },
      { competitor: einsum, jobs: [job(einsumSubjects[0]), job(einsumSubjects[1])] }
    ],
    Math.min(repetitions, bench.workload.repetitions)
  )
  const [ours, theirs] = [costs[0]!, costs[1]!]
  return {
    title: `${lesions} lesions, uncompressed HDF5, against einsum`,
    columns: costColumns,
    rows: costs.map((each) => costRow(ours, each)),
    notes: [`einsum takes a file at a time, of ${bench.workload.subjectsPerFile} subjects.`],
    targets: [
      {
        what: "uncompressed HDF5: speed against NumPy einsum",
        measured: ratio(ours, theirs),
        bound: "at least",
        required: 40,
        aim: 70,
        unit: "×",
        digits: 1
      }
    ],
    raw: { costs }
  }
}
