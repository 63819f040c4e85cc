/**
 * The benchmark: whole runs of `lnm` against peers in NumPy, what it takes of memory and processor, and whether the
 * targets are met.
 *
 *     npm run bench -- [--quick] [--only SCENARIO]… [--repetitions N] [--keep]
 *
 * Makes its data once, in node_modules/.cache/lnm-bench or $LNM_BENCH_CACHE. Full results go to docs/performance.md and,
 * with every single measurement, to results.json in the cache; with `--only`, the other scenarios keep what was measured
 * on this machine before. Where other programs were busy at the start, nothing is kept, unless with `--keep`. `--quick` shows in a minute that everything runs; its numbers mean nothing and are not kept.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { availableParallelism, loadavg } from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"
import type { Bench } from "./competitors.ts"
import { describeMachine } from "./machine.ts"
import { fastestOpenBlas } from "./openblas.ts"
import {
  formatMachine,
  formatMarkdown,
  formatSection,
  isMet,
  type KeptSection,
  type Results,
  replaceBetweenMarkers,
  type Section
} from "./report.ts"
import { againstEinsum } from "./scenarios/againstEinsum.ts"
import { againstMatmul } from "./scenarios/againstMatmul.ts"
import { agreement } from "./scenarios/agreement.ts"
import { kernels } from "./scenarios/kernels.ts"
import { manyLesions } from "./scenarios/manyLesions.ts"
import { ownStage } from "./scenarios/ownStage.ts"
import { prepare } from "./scenarios/prepare.ts"
import { reading } from "./scenarios/reading.ts"
import { sameBits } from "./scenarios/sameBits.ts"
import { stages } from "./scenarios/stages.ts"
import { store } from "./scenarios/store.ts"
import { wholeRun } from "./scenarios/wholeRun.ts"
import { workers } from "./scenarios/workers.ts"
import { provideData, workloads } from "./workload.ts"

/** In the order in which they run and are shown; the first shows whether the others mean anything. */
const scenarios: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  agreement,
  plain: (bench) => againstMatmul(bench, "plain"),
  gzip: (bench) => againstMatmul(bench, "gzip"),
  einsum: againstEinsum,
  whole: wholeRun,
  kernels,
  workers,
  reading,
  prepare,
  store,
  many: manyLesions,
  own: ownStage,
  bits: sameBits,
  stages
}

const document = path.join(import.meta.dirname, "..", "docs", "performance.md")
const defaultCache = path.join(import.meta.dirname, "..", "node_modules", ".cache", "lnm-bench")

/** Load average of a minute up to which a machine counts as quiet. */
const quietLoad = 0.5

const log = (text: string): void => void process.stderr.write(`${text}\n`)

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      repetitions: { type: "string" },
      keep: { type: "boolean", default: false }
    }
  })
  const only = values.only.flatMap((names) => names.split(","))
  const unknown = only.filter((name) => scenarios[name] === undefined)
  if (unknown.length > 0) {
    throw new Error(`--only ${unknown.join(",")}: the scenarios are ${Object.keys(scenarios).join(", ")}`)
  }
  const workload = workloads[values.quick ? "quick" : "full"]
  const repetitions = Number(values.repetitions ?? workload.repetitions)
  if (!(repetitions >= 1)) throw new Error("--repetitions must be 1 or more")
  return {
    workload: { ...workload, repetitions },
    names: only.length > 0 ? only : Object.keys(scenarios),
    keep: values.keep
  }
}

/** What was measured before on this machine; nothing where it was another. */
const readResults = async (file: string, machine: Results["machine"]): Promise<Results["sections"]> => {
  const text = await readFile(file, "utf8").catch(() => undefined)
  if (text === undefined) return {}
  const results = JSON.parse(text) as Results
  return JSON.stringify(hardware(results.machine)) === JSON.stringify(hardware(machine)) ? results.sections : {}
}

/** Without the last line, whose milliseconds differ from run to run. */
const hardware = (machine: Results["machine"]) => machine.filter(([what]) => what !== "OpenBLAS")

const main = async (): Promise<void> => {
  const { workload, names, keep: keepAnyway } = readOptions()
  const [load] = loadavg() as [number]
  const quiet = load <= quietLoad
  const kept = workload.name === "full" && (quiet || keepAnyway)
  if (!quiet) log(`warning: other programs are busy here (load ${load.toFixed(1)}); no number can be trusted`)
  const cache = process.env.LNM_BENCH_CACHE ?? defaultCache
  const data = path.join(cache, workload.name)
  const scratch = path.join(cache, `${workload.name}-scratch`)
  log("data (made on first use)")
  await provideData(data, workload)
  await mkdir(scratch, { recursive: true })
  log("OpenBLAS kernels")
  const openBlas = await fastestOpenBlas(workload)
  const bench: Bench = { workload, data, scratch, openBlas, cores: availableParallelism(), log }
  const machine = await describeMachine(openBlas)
  console.log(formatMachine(machine))

  const resultsFile = path.join(cache, "results.json")
  const sections: Record<string, KeptSection> = { ...(await readResults(resultsFile, machine)) }
  for (const [name, measureScenario] of Object.entries(scenarios)) {
    if (!names.includes(name)) continue
    log(`\n${name}`)
    const measured = await measureScenario(bench)
    const targets = measured.targets.filter(({ aboutResults }) => workload.name === "full" || aboutResults)
    const section = { ...measured, targets }
    sections[name] = { ...section, measuredOn: new Date().toISOString().slice(0, 10) }
    console.log(formatSection(section))
    if (targets.some((target) => target.aboutResults && !isMet(target))) process.exitCode = 1
    if (kept) await keep(resultsFile, { machine, sections: inOrder(sections) })
  }
  await rm(scratch, { recursive: true })
  if (workload.name === "quick") {
    console.log("\nThe quick workload is too small for its speed and memory to mean anything.")
  } else if (!kept) {
    console.log("\nNothing was kept, because other programs were busy at the start; --keep keeps it anyway.")
  }
}

const inOrder = (sections: Readonly<Record<string, KeptSection>>): Results["sections"] =>
  Object.fromEntries(Object.keys(scenarios).flatMap((name) => (sections[name] ? [[name, sections[name]]] : [])))

const keep = async (file: string, results: Results): Promise<void> => {
  await writeFile(file, JSON.stringify(results, null, 2))
  await writeFile(document, replaceBetweenMarkers(await readFile(document, "utf8"), formatMarkdown(results)))
}

await main()
