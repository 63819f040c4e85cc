/** Whether vectors of 128 and of 256 bits give the same maps, bit for bit: from every source, by every kind of seed, in both arithmetics. */
import { whyNotWide } from "../../src/kernels/wideVectors.ts"
import { type Bench, type Job, type LnmOptions, lastManifest, lnm, runJob } from "../competitors.ts"
import { storageName } from "../dataset.ts"
import type { Section } from "../report.ts"
import { fingerprintOfMaps } from "./outputBytes.ts"

interface Case {
  readonly name: string
  readonly job: Job
  readonly options: LnmOptions
}

const casesOf = ({ workload: { lesions, fewSubjects: subjects, data } }: Bench): ReadonlyArray<Case> => {
  const storages = ["plain", "gzip", "store"] as const
  const seeds = ["plain", "store"] as const
  return [
    ...storages.map((storage) => ({
      name: storageName[storage],
      job: { storage, subjects, lesions },
      options: {}
    })),
    ...seeds.flatMap((storage): ReadonlyArray<Case> => {
      const job = { storage, subjects, lesions }
      return [
        { name: `${storageName[storage]}, one lesion`, job: { ...job, lesions: 1 }, options: {} },
        { name: `${storageName[storage]}, PINI`, job, options: { method: "pini" } },
        {
          name: `${storageName[storage]}, weighted seeds`,
          job: { ...job, lesions: data.weighted_lesions, weighted: true },
          options: {}
        },
        { name: `${storageName[storage]}, matrix`, job, options: { matrix: true } },
        { name: `${storageName[storage]}, strict`, job, options: { compute: { arithmetic: "strict" } } }
      ]
    })
  ]
}

export const vectorWidths = async (bench: Bench): Promise<Section> => {
  const title = "The same bytes with vectors of 128 and 256 bits"
  const missing = whyNotWide()
  if (missing !== undefined) return { title, columns: [], rows: [], notes: [missing], targets: [], raw: undefined }
  const found: Array<{ name: string; maps: number; narrow: string; wide: string }> = []
  for (const { name, job, options } of casesOf(bench)) {
    const fingerprintAt = async (vectors: 128 | 256) => {
      const compute = { ...options.compute, vectors }
      await runJob(bench, lnm({ ...options, name: `${name}, ${vectors} bits`, compute }), job)
      const { backend } = await lastManifest(bench)
      if (backend.vectors !== vectors)
        throw new Error(`${name}: ${backend.vectors} bits where ${vectors} were asked for`)
      return fingerprintOfMaps(bench)
    }
    const [narrow, wide] = [await fingerprintAt(128), await fingerprintAt(256)]
    found.push({ name, maps: narrow.maps, narrow: narrow.sha256, wide: wide.sha256 })
  }
  const differing = found.filter(({ narrow, wide }) => narrow !== wide)
  return {
    title,
    columns: ["", "maps", "SHA-256, 128 bits", "SHA-256, 256 bits", "same"],
    rows: found.map(({ name, maps, narrow, wide }) => [
      name,
      String(maps),
      narrow.slice(0, 16),
      wide.slice(0, 16),
      narrow === wide ? "yes" : "NO"
    ]),
    notes: [
      `${bench.workload.lesions} lesions (${bench.workload.data.weighted_lesions} weighted ones), ${bench.workload.fewSubjects} subjects, all ` +
        "maps and tables, inflated."
    ],
    targets: [
      {
        what: `cases, of ${found.length}, whose maps differ between vectors of 128 and 256 bits`,
        measured: differing.length,
        bound: "at most",
        required: 0,
        digits: 0,
        aboutResults: true
      }
    ],
    raw: found
  }
}
