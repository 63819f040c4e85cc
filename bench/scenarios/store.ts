/** A run on an int16 store against the same run on uncompressed HDF5: all lesions, and one. */
import { type Bench, lnm } from "../competitors.ts"
import { compareCosts, peaks, ratio } from "../costs.ts"
import { costColumns, costRow } from "../costTable.ts"
import { storageName } from "../dataset.ts"
import type { Section, Target } from "../report.ts"

export const store = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects: sizes, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const [count, required] of [
    [lesions, 1.2],
    [1, 2]
  ] as const) {
    const jobsOn = (storage: "store" | "plain") =>
      [
        { storage, subjects: sizes[0], lesions: count, maps: ["r"] },
        { storage, subjects: sizes[1], lesions: count, maps: ["r"] }
      ] as const
    const costs = await compareCosts(
      bench,
      [
        { competitor: lnm({ name: `${count} lesion(s), ${storageName.store}` }), jobs: jobsOn("store") },
        { competitor: lnm({ name: `${count} lesion(s), ${storageName.plain}` }), jobs: jobsOn("plain") }
      ],
      repetitions
    )
    const [onStore, onHdf5] = [costs[0]!, costs[1]!]
    rows.push(costRow(bench, onStore, onStore), costRow(bench, onStore, onHdf5))
    raw.push(costs, peaks(onStore))
    targets.push({
      what: `${count} lesion(s): speed on an int16 store, times that on uncompressed HDF5`,
      measured: ratio(onStore, onHdf5),
      bound: "at least",
      required
    })
  }
  return {
    title: "A store against uncompressed HDF5",
    columns: costColumns(bench),
    rows,
    notes: [
      `Cost a subject from whole processes with ${sizes.join(" and ")} subjects.`,
      "Files in the page cache. The store has half the bytes; the run checks every chunk's checksum."
    ],
    targets,
    raw
  }
}
