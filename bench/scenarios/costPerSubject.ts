/** What a subject of the headline job costs from each source, against another checkout: the commit before a change. */
import { type Bench, lnmAndBefore } from "../competitors.ts"
import { type Costs, compareCosts } from "../costs.ts"
import { costColumns, costRow, sharesOfPeak } from "../costTable.ts"
import { type Storage, storageName } from "../dataset.ts"
import { median, spread } from "../median.ts"
import type { Section, Target } from "../report.ts"

/** The most that a subject may cost of what it cost before. */
const required: Readonly<Record<Storage, number>> = { store: 0.65, plain: 0.7, gzip: 1 }

/** Of each repetition: the cost as a share of that before. */
const sharesOf = (ours: Costs, before: Costs): ReadonlyArray<number> =>
  ours.wallSeconds.map((seconds, repetition) => seconds / before.wallSeconds[repetition]!)

export const costPerSubject = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const storage of ["store", "plain", "gzip"] as const) {
    const job = (count: number) => ({ storage, subjects: count, lesions, maps: ["r"] })
    const jobs = [job(subjects[0]), job(subjects[1])] as const
    const contenders = lnmAndBefore(bench).map((competitor) => ({ competitor, jobs }))
    const costs = await compareCosts(bench, contenders, repetitions)
    const [ours, before] = [costs[0]!, costs[1]]
    const shares = before === undefined ? [] : sharesOf(ours, before)
    for (const each of costs) {
      const [, ...cells] = costRow(bench, ours, each)
      const share = each === ours && before !== undefined ? spread(shares, 2) : ""
      rows.push([`${storageName[storage]}: ${each.name}`, ...cells, share])
    }
    raw.push({ storage, costs })
    if (before === undefined) continue
    targets.push({
      what: `${storageName[storage]}: cost of a subject, as a share of that of ${before.name}`,
      measured: median(shares),
      bound: "at most",
      required: required[storage],
      ofPeak: sharesOfPeak(bench, jobs[1], median(ours.wallSeconds))
    })
  }
  return {
    title: `What a subject costs, ${lesions} lesions`,
    columns: [...costColumns(bench), "share of that before, least to most"],
    rows,
    notes: ["Cost a subject from whole processes with fewer and with more subjects that write the map of r."],
    targets,
    raw
  }
}
