/** Whether the maps have the same bytes whatever the run is cut into, and wherever the values come from. */
import { type Bench, type LnmOptions, lnm, runJob } from "../competitors.ts"
import type { Storage } from "../dataset.ts"
import type { Section } from "../report.ts"
import { fingerprintOfMaps } from "./outputBytes.ts"

export const sameBits = async (bench: Bench): Promise<Section> => {
  const { lesions, fewSubjects: subjects } = bench.workload
  const few = Math.ceil(lesions / 3) - 1
  const variants: ReadonlyArray<readonly [name: string, options: LnmOptions, storage?: Storage]> = [
    ["2 workers", { compute: { workers: 2 } }],
    ["1 worker", { compute: { workers: 1 } }],
    ["3 workers", { compute: { workers: 3 } }],
    ["7 subjects a chunk", { compute: { subjects_per_chunk: 7 } }],
    [`${few} lesions a pass`, { batchSize: few }],
    ["from gzip HDF5", {}, "gzip"]
  ]
  const found: Array<{ name: string; maps: number; sha256: string }> = []
  for (const [name, options, storage = "plain"] of variants) {
    await runJob(bench, lnm({ name, ...options }), { storage, subjects, lesions, maps: ["r", "t"] })
    found.push({ name, ...(await fingerprintOfMaps(bench)) })
  }
  const others = found.filter(({ sha256 }) => sha256 !== found[0]!.sha256)
  return {
    title: "The same bytes",
    columns: ["", "maps", "SHA-256 of all", "same"],
    rows: found.map(({ name, maps, sha256 }) => [
      name,
      String(maps),
      sha256.slice(0, 16),
      sha256 === found[0]!.sha256 ? "yes" : "NO"
    ]),
    notes: [`${lesions} lesions, ${subjects} subjects.`],
    targets: [
      {
        what: `ways to cut the run, of ${found.length}, whose maps have other bytes`,
        measured: others.length,
        bound: "at most",
        required: 0,
        digits: 0,
        aboutResults: true
      }
    ],
    raw: found
  }
}
