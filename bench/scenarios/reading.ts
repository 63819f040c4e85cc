/** One lesion against merely reading the connectome, and of a store checking its chunks: such a run should be bound by reading. */
import path from "node:path"
import { type Bench, type Competitor, lnm, writeConfig } from "../competitors.ts"
import { compareCosts } from "../costs.ts"
import { type Storage, storageName } from "../dataset.ts"
import { median, spread } from "../median.ts"
import type { Section, Target } from "../report.ts"

const readOnly: Competitor = {
  name: "reading only",
  command: async (bench, job) => [
    process.execPath,
    path.join(import.meta.dirname, "..", "readOnly.ts"),
    await writeConfig(bench, job)
  ]
}

/** Percent of the speed of merely reading. */
const required: Readonly<Record<Storage, number>> = { plain: 70, gzip: 70, store: 80 }

const bytesAValue: Readonly<Record<Storage, number>> = { plain: 4, gzip: 4, store: 2 }

export const reading = async (bench: Bench): Promise<Section> => {
  const { subjects, repetitions } = bench.workload
  const { time_points, voxels } = bench.dataset.parameters
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const storage of ["plain", "gzip", "store"] as const) {
    const job = (count: number) => ({ storage, subjects: count, lesions: 1 })
    const jobs = [job(subjects[0]), job(subjects[1])] as const
    const contenders = [lnm(), readOnly].map((competitor) => ({ competitor, jobs }))
    const costs = await compareCosts(bench, contenders, repetitions)
    const [mapping, merely] = [costs[0]!, costs[1]!]
    const shares = mapping.wallSeconds.map((seconds, i) => (100 * merely.wallSeconds[i]!) / seconds)
    const megabytes = (time_points * voxels * bytesAValue[storage]) / 1e6
    const milliseconds = [mapping, merely].map(({ wallSeconds }) => (1000 * median(wallSeconds)).toFixed(1))
    rows.push([
      storageName[storage],
      ...milliseconds,
      `${(megabytes / median(merely.wallSeconds)).toFixed(0)} MB/s`,
      `${median(shares).toFixed(0)} %`,
      spread(shares, 0)
    ])
    raw.push(costs)
    targets.push({
      what: `one lesion, ${storageName[storage]}: share of the speed of merely reading`,
      measured: median(shares),
      bound: "at least",
      required: required[storage],
      unit: " %",
      digits: 0
    })
  }
  return {
    title: "One lesion, and merely reading",
    columns: ["", "lnm, ms a subject", "reading only, ms a subject", "read", "share", "least to most"],
    rows,
    notes: [
      `Cost a subject from whole processes with ${subjects.join(" and ")} subjects, files in the page cache.`,
      "lnm also hashes samples of the files; merely reading does not. Of a store the chunks' checksums are held against them in both."
    ],
    targets,
    raw
  }
}
