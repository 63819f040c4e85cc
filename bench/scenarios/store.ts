/** A run on an int16 store against the same run on uncompressed HDF5: all lesions, and one. */
import { type Bench, lnm } from "../competitors.ts"
import { compareCosts, peaks, ratio } from "../costs.ts"
import { provideStore } from "../provideStore.ts"
import type { Section, Target } from "../report.ts"
import { costColumns, costRow } from "./againstMatmul.ts"

export const store = async (bench: Bench): Promise<Section> => {
  const { lesions, manySubjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  // More subjects than elsewhere, so that a difference of a few milliseconds a subject is more than noise.
  const sizes = manySubjects
  for (const [count, required] of [
    [lesions, 1.2],
    [1, 2]
  ] as const) {
    for (const size of sizes) await provideStore(bench, size)
    const jobsOn = (storage: "store" | "plain") =>
      [
        { storage, subjects: sizes[0], lesions: count, maps: ["r"] },
        { storage, subjects: sizes[1], lesions: count, maps: ["r"] }
      ] as const
    const costs = await compareCosts(
      bench,
      [
        { competitor: lnm({ name: `${count} lesion(s), int16 store` }), jobs: jobsOn("store") },
        { competitor: lnm({ name: `${count} lesion(s), uncompressed HDF5` }), jobs: jobsOn("plain") }
      ],
      repetitions
    )
    const [onStore, onHdf5] = [costs[0]!, costs[1]!]
    rows.push(costRow(onStore, onStore), costRow(onStore, onHdf5))
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
    columns: costColumns,
    rows,
    notes: [
      `Cost a subject from whole processes with ${manySubjects.join(" and ")} subjects.`,
      "Files in the page cache. The store has half the bytes; the run checks every chunk's checksum."
    ],
    targets,
    raw
  }
}
