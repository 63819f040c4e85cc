/** What an own stage between fisherZ and reduce costs where it names a module: a run with it against the fused one. */
import path from "node:path"
import { type Bench, writeConfig } from "../competitors.ts"
import { storageName } from "../dataset.ts"
import { capture } from "../measure.ts"
import { median } from "../median.ts"
import type { OwnStageTimes } from "../ownStageTimes.ts"
import type { Section, Target } from "../report.ts"

const script = path.join(import.meta.dirname, "..", "ownStageTimes.ts")

type Variant = "fused" | "module"

/** Times of both, which alternate; every second repetition in the opposite order. */
const compare = async (config: string, repetitions: number): Promise<ReadonlyArray<Record<Variant, OwnStageTimes>>> => {
  const measured: Array<Record<Variant, OwnStageTimes>> = []
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const times: Partial<Record<Variant, OwnStageTimes>> = {}
    const order: ReadonlyArray<Variant> = repetition % 2 === 0 ? ["fused", "module"] : ["module", "fused"]
    for (const variant of order) {
      times[variant] = JSON.parse(await capture([process.execPath, script, config, variant])) as OwnStageTimes
    }
    measured.push({ fused: times.fused!, module: times.module! })
  }
  return measured
}

export const ownStage = async (bench: Bench): Promise<Section> => {
  const { lesions, subjects, repetitions } = bench.workload
  const rows: Array<ReadonlyArray<string>> = []
  const targets: Array<Target> = []
  const raw: Array<unknown> = []
  for (const storage of ["plain", "store"] as const) {
    const name = storageName[storage]
    bench.log(`own stage: ${name}`)
    const config = await writeConfig(bench, { storage, subjects: subjects[0], lesions })
    const measured = await compare(config, repetitions)
    const ratioOf = (value: (times: OwnStageTimes) => number) =>
      median(measured.map(({ fused, module }) => value(module) / value(fused)))
    const seconds = (variant: Variant) => median(measured.map((times) => times[variant].seconds)).toFixed(2)
    const whole = ratioOf((times) => times.seconds)
    const computing = ratioOf((times) => times.computeSeconds)
    rows.push([name, seconds("fused"), seconds("module"), `${whole.toFixed(2)}×`, `${computing.toFixed(2)}×`])
    raw.push({ storage, measured })
    targets.push({
      what: `${name}: time with an own stage by module, times the fused one`,
      measured: whole,
      bound: "at most",
      required: 3,
      unit: "×"
    })
  }
  return {
    title: "An own stage on the workers",
    columns: ["", "fused, s", "with winsorise, s", "time", "of it computing"],
    rows,
    notes: [
      `${lesions} lesions, ${subjects[0]} subjects; reading, connectivity and statistics, without start and without writing.`
    ],
    targets,
    raw
  }
}
