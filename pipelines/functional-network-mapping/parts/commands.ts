/** `lnm run --part K/N` and `lnm merge` of `functional-network-mapping`. */
import { Clock, Effect, Layer } from "effect"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import { Checksums } from "../../../src/output/Checksums.ts"
import { refuseBusy } from "../../../src/output/lockOutput.ts"
import { OutputFolder } from "../../../src/output/OutputFolder.ts"
import { formatBytes, type Plan, predictionMargin } from "../../../src/runtime/Plan.ts"
import { bytesPerSum } from "../../../src/runtime/ProblemShape.ts"
import { formatSeconds } from "../../../src/runtime/progressText.ts"
import type { JobsOf, MergeOf, PartOf, PlannedJobs, PlannedRun, RunEnd } from "../../PipelineEntry.ts"
import type { Config } from "../Config.ts"
import { endOfMapping } from "../endOfMapping.ts"
import { runBy } from "../runStudy.ts"
import { withDemoData } from "../withDemoData.ts"
import { partsCompute } from "./batches.ts"
import type { CutFile } from "./CutFile.ts"
import { mapFromParts, type PlannedMerge, planMerge, refineFromParts, removeParts } from "./mergeParts.ts"
import { type PlannedParts, planPart, settleCut } from "./planPart.ts"
import { type EndedPart, partIsDone, runPart } from "./runPart.ts"

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
  const config = yield* withDemoData(given, true)
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
  const planned = yield* planMerge(yield* withDemoData(config, true))
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

export const jobs = Effect.fnUntraced(function* ({ config: given, parts: of }: JobsOf<Config>) {
  const config = yield* withDemoData(given, true)
  const output = config.output.path
  yield* refuseBusy(output)
  const parts = yield* planPart(config, { number: 1, of })
  const { cut, found, planned, study } = parts
  const computes =
    found === undefined && study.pini !== undefined ? "correlations" : yield* partsCompute(study, cut, output)
  const numbers = Array.from({ length: of }, (_, n) => n + 1)
  const missing =
    found === undefined
      ? numbers
      : yield* Effect.filter(numbers, (number) =>
          Effect.map(partIsDone(output, number, found, computes), (done) => !done)
        )
  const { batches } = cut
  const shares = cut.units.length / batches.length
  const memoryBytes = planned.plan.peakBytes / (1 - predictionMargin)
  const sums = 2 * study.connectome.voxels * bytesPerSum
  const onDisk = cut.units.reduce((sum, { batch }) => sum + batches[batch]!.count * sums, 0)
  const result: Omit<PlannedJobs, "settings"> = {
    output,
    parts: of,
    missing,
    rounds: study.pini !== undefined && computes === "correlations" ? 2 : 1,
    workers: Math.max(1, planned.plan.workers),
    memoryBytes,
    text: [
      `${of} parts: ${batches.length} batch(es) of up to ${Math.max(...batches.map(({ count }) => count))} lesion(s), each in ${Number.isInteger(shares) ? shares : `${Math.floor(shares)} or ${Math.ceil(shares)}`} share(s) of the subjects`,
      whyCut(cut, planned.plan),
      `their sums take ${formatBytes(onDisk)} on the disk until they are merged`,
      ...(missing.length < of ? [`${of - missing.length} of them are done, ${missing.length} are missing`] : []),
      `each job asks for ${Math.max(1, planned.plan.workers)} processor(s) and ${formatBytes(memoryBytes)}`,
      ...(planned.chosen.arithmetic === "fast"
        ? [
            "nodes must be of one kind: processors that fuse multiply-adds and others give other last digits, and are not merged; " +
              "--set compute.arithmetic=strict gives the same on all"
          ]
        : [])
    ],
    place: Effect.asVoid(settleCut(parts, output))
  }
  return result
})

/** Why a run is cut so. */
const whyCut = ({ batches, parts }: CutFile, { shape }: Plan): string => {
  const fits = `a pass takes up to ${shape.lesions} lesion(s) in the memory of a job`
  if (batches.length === 1) return `cut by subjects alone, which reads the connectome once: ${fits}`
  return batches.length >= parts
    ? `cut by lesions alone: ${fits}, and shares of subjects would leave more sums than the connectome has bytes`
    : `cut by lesions and subjects: ${fits}, and this is the grid that moves the fewest bytes`
}
