/** `lnm run --part K/N` and `lnm merge` of `functional-network-mapping`. */
import { Clock, Effect, Layer } from "effect"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import { Checksums } from "../../../src/output/Checksums.ts"
import { refuseBusy } from "../../../src/output/lockOutput.ts"
import { OutputFolder } from "../../../src/output/OutputFolder.ts"
import { formatBytes } from "../../../src/runtime/Plan.ts"
import { formatSeconds } from "../../../src/runtime/progressText.ts"
import type { MergeOf, PartOf, PlannedRun, RunEnd } from "../../PipelineEntry.ts"
import type { Config } from "../Config.ts"
import { endOfMapping } from "../endOfMapping.ts"
import { runBy } from "../runStudy.ts"
import { withDemoData } from "../withDemoData.ts"
import { mapFromParts, type PlannedMerge, planMerge, refineFromParts, removeParts } from "./mergeParts.ts"
import { type PlannedParts, planPart } from "./planPart.ts"
import { type EndedPart, runPart } from "./runPart.ts"

/** Failures after which nothing was computed or written. */
const nothingDone: ReadonlySet<unknown> = new Set([
  "OutputNotWritable",
  "OutputBusy",
  "OutputUnreadable",
  "MapsOutdated",
  "PartBusy",
  "OtherParts",
  "NoSuchPart",
  "PartsNotWhole",
  "CutUnusable"
])

const isNothingDone = (error: Error): boolean => "_tag" in error && nothingDone.has(error._tag)

export const part = Effect.fnUntraced(function* ({ config: given, part, fresh }: PartOf<Config>) {
  const config = yield* withDemoData(given)
  yield* refuseBusy(config.output.path)
  const parts = yield* planPart(config, part)
  const computing = runPart(parts, { config, number: part.number, fresh })
  const planned: PlannedRun = {
    text: partText(parts, part.number),
    json: {},
    run: Effect.map(computing, (ended) => endOfPart(ended, parts, config)),
    nothingDone: isNothingDone
  }
  return planned
})

const partText = ({ cut, study }: PlannedParts, number: number): ReadonlyArray<string> =>
  cut.units
    .filter((unit) => unit.part === number)
    .map(({ batch, subjects }) => {
      const { count } = cut.batches[batch]!
      const last = subjects.first + subjects.count
      return `part ${number}/${cut.parts}: ${count} of ${study.lesions.length} lesion(s), subjects ${subjects.first + 1} to ${last} of ${cut.subjects}`
    })

const endOfPart = ({ record, wasDone }: EndedPart, parts: PlannedParts, config: Config): RunEnd => {
  const folder = partsFolder(config.output.path)
  const bytes = record.files.reduce((sum, file) => sum + file.bytes, 0)
  const done = wasDone
    ? `part ${record.part} was done already, on ${record.host}: nothing was computed (--fresh computes it again)`
    : `computed in ${formatSeconds(record.seconds)}, peak memory ${formatBytes(record.peak_memory_bytes)}`
  const text = [
    ...partText(parts, record.part),
    done,
    `left in ${folder}: ${record.files.length} file(s) of ${record.of}, ${formatBytes(bytes)}`,
    "when all parts are done, `lnm merge` goes on from them"
  ].join("\n")
  return { text, json: { ...record, was_done: wasDone, folder } }
}

export const merge = Effect.fnUntraced(function* ({ file, config }: MergeOf<Config>) {
  yield* refuseBusy(config.output.path)
  const planned = yield* planMerge(yield* withDemoData(config))
  const run: PlannedRun = {
    text: [`merges ${planned.open.cut.parts} parts`],
    json: {},
    run: planned.of === "sums" ? makeMaps(planned, config, file) : refineSeeds(planned, config),
    nothingDone: isNothingDone
  }
  return run
})

const makeMaps = Effect.fnUntraced(function* (merge: PlannedMerge, config: Config, file: string) {
  const { planned, records } = merge
  const output = config.output.path
  const parts = records.map(({ part, host, subjects, started, seconds, peak_memory_bytes }) => ({
    ...{ part, host, subjects },
    ...{ started, seconds, peak_memory_bytes }
  }))
  const mapping = mapFromParts(merge, planned.chosen)
  const { mapped, manifest } = yield* runBy(mapping, planned, { config, inputs: [file], parts }).pipe(
    Effect.tap(removeParts(output)),
    Effect.provide(Layer.merge(OutputFolder.layer(output), Checksums.layer()))
  )
  return endOfMapping(planned, output, mapped, manifest)
})

const refineSeeds = Effect.fnUntraced(function* (merge: PlannedMerge, config: Config) {
  const startedAt = yield* Clock.currentTimeMillis
  yield* Effect.provide(refineFromParts(merge), OutputFolder.layer(config.output.path))
  const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
  const lesions = merge.study.lesions.length
  const text =
    `seeds of ${lesions} lesion(s) refined in ${formatSeconds(seconds)}\n` +
    `now compute all ${merge.open.cut.parts} parts once more, from these seeds, and merge again`
  const end: RunEnd = { text, json: { refined: lesions, seconds, again: true } }
  return end
})
