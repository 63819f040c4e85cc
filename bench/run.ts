/**
 * The benchmark: whole runs of `lnm` against peers in NumPy and against another checkout, what it takes of memory and processor, its
 * share of the processor's peak, and whether the targets are met.
 *
 *     npm run bench -- [--quick] [--only SCENARIO]… [--against CHECKOUT] [--repetitions N] [--keep]
 *
 * Makes its data when it is first needed, in node_modules/.cache/lnm-bench or $LNM_BENCH_CACHE. Full results go to
 * docs/performance.md and, with every single measurement, to results.json in the cache; with `--only`, the other scenarios keep what
 * was measured on this machine before. Where other programs were busy at the start, nothing is kept, unless with `--keep`. `--quick`
 * shows in two minutes that everything runs; its numbers mean nothing and are not kept.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { availableParallelism, loadavg } from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"
import type { Bench } from "./competitors.ts"
import { provideDataset } from "./dataset.ts"
import { checkoutAt } from "./lnmCommand.ts"
import { describeMachine, hardwareOf } from "./machine.ts"
import { tryOpenBlas } from "./openblas.ts"
import { measurePeaks } from "./peak/peaks.ts"
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
import { checkpoints } from "./scenarios/checkpoints.ts"
import { costPerSubject } from "./scenarios/costPerSubject.ts"
import { headline } from "./scenarios/headline.ts"
import { kernels } from "./scenarios/kernels.ts"
import { manyLesions } from "./scenarios/manyLesions.ts"
import { ownStage } from "./scenarios/ownStage.ts"
import { prepare } from "./scenarios/prepare.ts"
import { reading } from "./scenarios/reading.ts"
import { sameBits } from "./scenarios/sameBits.ts"
import { scale } from "./scenarios/scale.ts"
import { stages } from "./scenarios/stages.ts"
import { store } from "./scenarios/store.ts"
import { vectorWidths } from "./scenarios/vectorWidths.ts"
import { wholeRun } from "./scenarios/wholeRun.ts"
import { workers } from "./scenarios/workers.ts"
import { type Workload, workloads } from "./workload.ts"

/** In the order in which they run and are shown; the first shows whether the others mean anything. */
const scenarios: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  agreement,
  vectors: vectorWidths,
  bits: sameBits,
  kernels,
  cost: costPerSubject,
  headline,
  plain: (bench) => againstMatmul(bench, "plain"),
  gzip: (bench) => againstMatmul(bench, "gzip"),
  einsum: againstEinsum,
  whole: wholeRun,
  workers,
  reading,
  store,
  scale,
  many: manyLesions,
  checkpoints,
  prepare,
  own: ownStage,
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
      against: { type: "string" },
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
    against: values.against,
    keep: values.keep
  }
}

/** What was measured before on this machine; nothing where it was another. */
const readResults = async (file: string, machine: Results["machine"]): Promise<Results["sections"]> => {
  const text = await readFile(file, "utf8").catch(() => undefined)
  if (text === undefined) return {}
  const results = JSON.parse(text) as Results
  return JSON.stringify(hardwareOf(results.machine)) === JSON.stringify(hardwareOf(machine)) ? results.sections : {}
}

interface Setting {
  readonly workload: Workload
  readonly cache: string
  readonly scratch: string
  readonly against: string | undefined
}

const prepareBench = async ({ workload, cache, scratch, against }: Setting): Promise<Bench> => {
  const cores = availableParallelism()
  log("data (made on first use)")
  const dataset = await provideDataset(path.join(cache, workload.name), workload.data)
  log("OpenBLAS kernels, peak of the processor")
  const openBlas = await tryOpenBlas(workload.lesions, workload.data)
  const peaks = await measurePeaks(scratch, cores)
  if (peaks.measuredBy === "WebAssembly") log("no C compiler here (cc, or $CC): only the peak at 128 bits is known")
  const checkout = against === undefined ? undefined : await checkoutAt(against)
  return { workload, dataset, scratch, openBlas, peaks, cores, against: checkout, log }
}

const main = async (): Promise<void> => {
  const { workload, names, against, keep: keepAnyway } = readOptions()
  const [load] = loadavg() as [number]
  const quiet = load <= quietLoad
  const kept = workload.name === "full" && (quiet || keepAnyway)
  if (!quiet) log(`warning: other programs are busy here (load ${load.toFixed(1)}); no number can be trusted`)
  const cache = process.env.LNM_BENCH_CACHE ?? defaultCache
  const scratch = path.join(cache, `${workload.name}-scratch`)
  await mkdir(scratch, { recursive: true })
  const bench = await prepareBench({ workload, cache, scratch, against })
  const machine = await describeMachine(bench.openBlas, bench.peaks)
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
