/** One lesion against merely reading the connectome: such a run should be bound by reading. */
import path from "node:path"
import { type Bench, type Competitor, lnm, writeConfig } from "../competitors.ts"
import { compareCosts, median } from "../costs.ts"
import type { Section, Target } from "../report.ts"
import type { Storage } from "../workload.ts"

const readOnly: Competitor = {
  name: "reading only",
  command: async (bench, job) => [
    process.execPath,
    path.join(import.meta.dirname, "..", "readOnly.ts"),
    await writeConfig(bench, job)
  ]
}

export const reading = async (bench: Bench): Promise<Section> => {
  const { name, readingSubjects, repetitions, timePoints, voxels } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  const storages: ReadonlyArray<Storage> = name === "full" ? ["plain", "gzip"] : ["gzip"]
  for (const storage of storages) {
    const job = (subjects: number) => ({ storage, subjects, lesions: 1 }) as const
    const jobs = [job(readingSubjects[0]), job(readingSubjects[1])] as const
    const costs = await compareCosts(
      bench,
      [
        { competitor: lnm(), jobs },
        { competitor: readOnly, jobs }
      ],
      repetitions
    )
    const [mapping, merely] = [costs[0]!, costs[1]!]
    const share = median(mapping.wallSeconds.map((seconds, i) => merely.wallSeconds[i]! / seconds))
    const rate = (seconds: number) => `${((timePoints * voxels * 4) / seconds / 1e6).toFixed(0)} MB/s`
    const milliseconds = [mapping, merely].map(({ wallSeconds }) => (1000 * median(wallSeconds)).toFixed(1))
    rows.push([storage, ...milliseconds, rate(median(merely.wallSeconds)), `${(100 * share).toFixed(0)} %`])
    raw.push(costs)
    targets.push({
      what: `one lesion, ${storage} HDF5: share of the speed of merely reading`,
      measured: 100 * share,
      bound: "at least",
      required: 70,
      unit: " %",
      digits: 0
    })
  }
  return {
    title: "One lesion, and merely reading",
    columns: ["HDF5", "lnm, ms a subject", "reading only, ms a subject", "read", "share"],
    rows,
    notes: [
      `Cost a subject from whole processes with ${readingSubjects.join(" and ")} subjects, files in the page cache.`,
      "lnm also hashes samples of the files; merely reading does not."
    ],
    targets,
    raw
  }
}
