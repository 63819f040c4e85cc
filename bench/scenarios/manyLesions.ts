/** A thousand lesions: in one pass, and in several within less memory, with the same bytes in the maps. */
import { predictionMargin } from "../../src/runtime/Plan.ts"
import { type Bench, type LnmOptions, lastManifest, lnm, planOf, runJob } from "../competitors.ts"
import type { Section } from "../report.ts"
import { fingerprintOfMaps } from "./outputBytes.ts"

/** Two of five maps, to spare the disk. */
const maps = ["r", "t"]

const bytesOf = (memory: string | number): number =>
  typeof memory === "number" ? memory : Number(memory.replace("GB", "")) * 1e9

export const manyLesions = async (bench: Bench): Promise<Section> => {
  const { manyLesions: lesions, fewSubjects, manyLesionsMemory } = bench.workload
  const job = { storage: "plain", subjects: fewSubjects, lesions, maps } as const
  const third = { batchSize: Math.ceil(lesions / 3) }
  const needed = async () => (await planOf(bench, job, third)).peak_memory_bytes / (1 - predictionMargin)
  const limit = manyLesionsMemory ?? Math.ceil(await needed())
  const measure = async (name: string, options: LnmOptions) => {
    const run = await runJob(bench, lnm({ name, ...options }), job)
    return { name, run, plan: (await lastManifest(bench)).plan, ...(await fingerprintOfMaps(bench)) }
  }
  const all = await measure("as much memory as there is", {})
  const less = await measure(`memory: ${limit}`, { compute: { memory: limit } })
  if (all.plan.passes !== 1)
    throw new Error(`${lesions} lesions took ${all.plan.passes} passes: too little memory here`)
  return {
    title: `${lesions} lesions`,
    columns: ["", "passes", "peak MiB", "planned MiB", "s", "maps", "same bytes"],
    rows: [all, less].map(({ name, run, plan, maps, sha256 }) => [
      name,
      String(plan.passes),
      (run.peakBytes / 2 ** 20).toFixed(0),
      (plan.predicted_peak_bytes / 2 ** 20).toFixed(0),
      run.wallSeconds.toFixed(1),
      String(maps),
      sha256 === all.sha256 ? "yes" : "NO"
    ]),
    notes: [`${job.subjects} subjects, uncompressed HDF5, maps of ${maps.join(" and ")}.`],
    targets: [
      {
        what: `${lesions} lesions in one pass: peak memory`,
        measured: all.run.peakBytes / 2 ** 30,
        bound: "at most",
        required: 2.5,
        unit: " GiB"
      },
      {
        what: `${lesions} lesions with memory ${limit}: peak memory`,
        measured: less.run.peakBytes / 1e9,
        bound: "at most",
        required: bytesOf(limit) / 1e9,
        unit: " GB",
        digits: 3
      },
      {
        what: `${lesions} lesions with memory ${limit}: passes`,
        measured: less.plan.passes,
        bound: "at least",
        required: 2,
        digits: 0
      },
      {
        what: `${lesions} lesions in several passes: maps with other bytes`,
        measured: less.sha256 === all.sha256 ? 0 : 1,
        bound: "at most",
        required: 0,
        digits: 0,
        aboutResults: true
      }
    ],
    raw: { all, less }
  }
}
