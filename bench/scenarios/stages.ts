/** Where the time of one whole run goes. */
import { rm } from "node:fs/promises"
import path from "node:path"
import { type Bench, outputOf, writeConfig } from "../competitors.ts"
import type { Storage } from "../dataset.ts"
import { capture } from "../measure.ts"
import type { Section } from "../report.ts"
import type { StageTimes } from "../stageTimes.ts"

const script = path.join(import.meta.dirname, "..", "stageTimes.ts")

export const stages = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects } = bench.workload
  const measured: Array<readonly [Storage, StageTimes]> = []
  for (const storage of ["plain", "gzip", "store"] as const) {
    await rm(outputOf(bench), { recursive: true, force: true })
    bench.log(`stages: ${storage}`)
    const config = await writeConfig(bench, { storage, subjects: subjects[0], lesions })
    measured.push([storage, JSON.parse(await capture([process.execPath, script, config])) as StageTimes])
  }
  const [, first] = measured[0]!
  const row = (what: string, value: (times: StageTimes) => string) => [
    what,
    ...measured.map(([, times]) => value(times))
  ]
  const seconds = (value: number) => `${value.toFixed(2)} s`
  const busy = (value: number, { workers, connectivitySeconds }: StageTimes) =>
    `${seconds(value)}, ${((100 * value) / workers / connectivitySeconds).toFixed(0)} % of ${workers} workers`
  return {
    title: `Where the time goes, ${lesions} lesions and ${subjects[0]} subjects`,
    columns: ["", ...measured.map(([storage]) => storage)],
    rows: [
      row("start, lesions, plan", (times) => seconds(times.beforeSeconds)),
      row("connectivity: reading and computing", (times) => seconds(times.connectivitySeconds)),
      row("- workers reading", (times) => busy(times.readBusySeconds, times)),
      row("- workers computing", (times) => busy(times.computeBusySeconds, times)),
      row("- read", (times) => `${(times.readBytes / times.connectivitySeconds / 1e6).toFixed(0)} MB/s`),
      row("- correlated", (times) => `${(times.operations / times.connectivitySeconds / 1e9).toFixed(1)} GFLOP/s`),
      row("statistics and maps", (times) => seconds(times.mapsSeconds)),
      row("checksums left, summary, manifest", (times) => seconds(times.afterSeconds))
    ],
    notes: [`backend ${first.backend}, ${first.arithmetic} arithmetic; one run.`],
    targets: [],
    raw: measured
  }
}
