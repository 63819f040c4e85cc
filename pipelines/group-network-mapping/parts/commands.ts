/** `lnm run --part K/N`, `lnm merge` and what `lnm submit` needs, of `group-network-mapping`. */
import { Effect, Schema } from "effect"
import { readPartRecord } from "../../../src/cluster/PartRecord.ts"
import { cutFile, partsFolder } from "../../../src/cluster/partsFolder.ts"
import { placeOnce } from "../../../src/cluster/placeOnce.ts"
import { refuseBusy } from "../../../src/output/lockOutput.ts"
import { formatBytes, predictionMargin } from "../../../src/runtime/Plan.ts"
import { formatSeconds } from "../../../src/runtime/progressText.ts"
import type { JobsOf, MergeOf, PartOf, PlannedJobs, PlannedRun } from "../../PipelineEntry.ts"
import type { GroupConfig } from "../Config.ts"
import { runOf } from "../groupRun.ts"
import { type PlannedGroup, planGroup } from "../planGroup.ts"
import { planGroupMerge } from "./mergeParts.ts"
import { analysisStamp, groupCut, readGroupCut, shareOf } from "./permutationParts.ts"
import { runGroupPart } from "./runPart.ts"

/** There are more parts than permutations, or no contrast at all. */
export class TooManyParts extends Schema.TaggedError<TooManyParts>()("TooManyParts", {
  parts: Schema.Int,
  permutations: Schema.Int
}) {
  override get message(): string {
    return this.permutations === 0
      ? "--part: the config has no contrast, whose permutations parts would share. Run it whole."
      : `--part: ${this.permutations} permutations cannot be cut into ${this.parts} parts. Ask for fewer.`
  }
}

const nothingDone: ReadonlySet<unknown> = new Set(["PartBusy", "PartsNotWhole", "OutputBusy"])

const planOfParts = Effect.fnUntraced(function* (config: GroupConfig, parts: number) {
  yield* refuseBusy(config.output.path)
  const planned = yield* planGroup(config)
  const most = Math.max(0, ...planned.contrasts.map(({ permutations }) => permutations.count))
  if (parts > most) return yield* new TooManyParts({ parts, permutations: most })
  return planned
})

const sentence = ({ contrasts }: PlannedGroup, number: number, of: number): string =>
  `part ${number}/${of}: ${contrasts
    .map(({ config, permutations }) => {
      const { first, count } = shareOf(permutations.count, number, of)
      return `permutations ${first + 1} to ${first + count} of ${permutations.count} of ${config.name}`
    })
    .join(", ")}`

export const part = Effect.fnUntraced(function* ({ config, part: { number, of }, fresh }: PartOf<GroupConfig>) {
  const planned = yield* planOfParts(config, of)
  const output = config.output.path
  const run = Effect.map(runGroupPart(planned, { output, number, of, fresh }), ({ record, wasDone }) => ({
    text: [
      sentence(planned, number, of),
      wasDone
        ? `part ${number} was done already, on ${record.host}: nothing was computed (--fresh computes it again)`
        : `computed in ${formatSeconds(record.seconds)}, peak memory ${formatBytes(record.peak_memory_bytes)}`,
      `left in ${partsFolder(output)}; when all parts are done, \`lnm merge\` goes on from them`
    ].join("\n"),
    json: { ...record, was_done: wasDone }
  }))
  const result: PlannedRun = {
    text: [sentence(planned, number, of)],
    json: {},
    run,
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag)
  }
  return result
})

export const merge = Effect.fnUntraced(function* ({ file, config }: MergeOf<GroupConfig>) {
  yield* refuseBusy(config.output.path)
  const planned = yield* planGroup(config)
  const merging = yield* planGroupMerge(config.output.path, planned)
  return runOf(planned, { file, config, fresh: false }, merging)
})

export const jobs = Effect.fnUntraced(function* ({ config, parts }: JobsOf<GroupConfig>) {
  const planned = yield* planOfParts(config, parts)
  const output = config.output.path
  const numbers = Array.from({ length: parts }, (_, n) => n + 1)
  const found = yield* readGroupCut(output)
  const stamp = analysisStamp(planned)
  const isDone = (number: number) =>
    Effect.map(readPartRecord(output, number), (record) => found?.parts === parts && record?.cut === stamp)
  const missing = yield* Effect.filter(numbers, (number) => Effect.map(isDone(number), (done) => !done))
  const { workers, peakBytes } = planned.plan
  const memoryBytes = peakBytes / (1 - predictionMargin)
  const result: Omit<PlannedJobs, "settings"> = {
    ...{ output, parts, missing, rounds: 1, workers, memoryBytes },
    text: [
      `${parts} parts: each reads all maps, and computes a share of the permutations of every contrast`,
      ...(missing.length < parts ? [`${parts - missing.length} of them are done, ${missing.length} are missing`] : []),
      `each job asks for ${workers} processor(s) and ${formatBytes(memoryBytes)}`
    ],
    place: placeOnce(cutFile(output), `${JSON.stringify(groupCut(planned.contrasts, parts), null, 1)}\n`)
  }
  return result
})
