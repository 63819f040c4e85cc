/** `lnm plan` and `lnm run` of `prepare-connectome`: what making a store will take, and the store. */
import path from "node:path"
import { Clock, Console, Effect, Schema } from "effect"
import { unfinishedFolder } from "../../src/connectome/store/storeFormat.ts"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import { formatBytes } from "../../src/runtime/Plan.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import { NothingToMeasure } from "../NothingToMeasure.ts"
import type { MergeOf, PartOf, PlannedRun, PlanOf } from "../PipelineEntry.ts"
import { makeStore, type PreparedStore, prepareStore } from "../prepare-connectome.ts"
import { describeBad } from "./failures.ts"
import type { PrepareConfig } from "./PrepareConfig.ts"
import { makeStorePart, mergeStore, subjectsOfPart } from "./parts.ts"

/** Failures after which the store is as it was. */
const nothingDone: ReadonlySet<unknown> = new Set(["StoreBusy", "StoreInTheWay", "SubjectsMissing"])

/** `--check-inputs full` was given to a pipeline that records no hashes of its inputs. */
export class NothingToRecord extends Schema.TaggedError<NothingToRecord>()("NothingToRecord", {
  pipeline: Schema.String
}) {
  override get message(): string {
    return `--check-inputs: ${this.pipeline} records no hashes of what it reads. Leave it out.`
  }
}

export const plan = Effect.fnUntraced(function* ({
  config,
  fresh,
  describeOnly,
  calibrates,
  checkInputs
}: PlanOf<PrepareConfig>) {
  if (checkInputs === "full") return yield* new NothingToRecord(config)
  if (calibrates === true) return yield* new NothingToMeasure(config)
  const prepared = yield* prepareStore(config, fresh || describeOnly)
  const freeBytes = yield* freeDiskBytes(path.dirname(prepared.store))
  const planned: PlannedRun = {
    text: [...asText(prepared), ...(freeBytes === undefined ? [] : [`disk        ${formatBytes(freeBytes)} free`])],
    json: { ...asJson(prepared), free_disk_bytes: freeBytes ?? null },
    run: prepareConnectome(prepared, makeStore),
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag)
  }
  return planned
})

export const part = Effect.fnUntraced(function* ({ config, part, fresh }: PartOf<PrepareConfig>) {
  if (fresh) return yield* new PartNotFresh()
  const prepared = yield* prepareStore(config, false)
  const own = yield* subjectsOfPart(prepared.source.subjects, part)
  const planned: PlannedRun = {
    text: [`part ${part.number}/${part.of}: ${own.length} of ${prepared.source.subjects.length} subjects`],
    json: {},
    run: Effect.map(Effect.scoped(makeStorePart(prepared, part, own)), ({ stored, resumed, bad }) => ({
      text: [
        `part ${part.number}/${part.of}: ${stored} subjects are stored${resumed > 0 ? `, ${resumed} of them were already` : ""}`,
        ...bad.map((scan) => `left out: ${describeBad(scan)}`),
        "when all parts are done, `lnm merge` puts the store together"
      ].join("\n"),
      json: { part: part.number, of: part.of, stored, resumed, left_out: bad.length }
    })),
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag)
  }
  return planned
})

/** `--fresh` with a part of a preparation. */
export class PartNotFresh extends Schema.TaggedError<PartNotFresh>()("PartNotFresh", {}) {
  override get message(): string {
    return "--fresh: it would throw away what other parts have stored. Leave it out, or begin anew with lnm run --fresh."
  }
}

export const merge = Effect.fnUntraced(function* ({ config }: MergeOf<PrepareConfig>) {
  const prepared = yield* prepareStore(config, false)
  const planned: PlannedRun = {
    text: asText(prepared),
    json: {},
    run: prepareConnectome(prepared, mergeStore),
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag)
  }
  return planned
})

/** Makes the store, and says what it holds. */
const prepareConnectome = Effect.fnUntraced(function* <E, R>(
  prepared: PreparedStore,
  making: (prepared: PreparedStore) => Effect.Effect<Effect.Success<ReturnType<typeof makeStore>>, E, R>
) {
  const startedAt = yield* Clock.currentTimeMillis
  const { store, entries, bad } = yield* Effect.scoped(making(prepared)).pipe(
    Effect.onInterrupt(() =>
      Console.error(
        `what is finished is kept in ${unfinishedFolder(prepared.store)}: run again, and it goes on from there`
      )
    )
  )
  const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
  const flat = entries.reduce((sum, { flat_voxels }) => sum + flat_voxels, 0)
  const { voxels, precision } = prepared.extent
  const text = [
    `${entries.length} subjects × ${voxels} voxels, ${precision}, ${formatBytes(prepared.plan.storeBytes)} in ${formatSeconds(seconds)}`,
    ...(flat > 0 ? [`${flat} voxel time series have no variance; they will count as r = 0`] : []),
    ...(bad.length > 0 ? [`left out: ${bad.length}`, ...bad.map((scan) => `  ${describeBad(scan)}`)] : []),
    `store: ${store}`
  ].join("\n")
  const made = { kind: "store", folder: store, warnings: [], warningsIn: store } as const
  return { text, made, json: asEnd(store, entries.length, bad.length, seconds) }
})

/** The end of a run for machines. */
const asEnd = (store: string, subjects: number, leftOut: number, seconds: number): object => ({
  output: store,
  subjects,
  subjects_left_out: leftOut,
  seconds,
  peak_memory_bytes: process.resourceUsage().maxRSS * 1024
})

const asText = ({ source, extent, space, store, plan }: PreparedStore): ReadonlyArray<string> => [
  `source      ${source.path}`,
  `            ${extent.subjects} subjects of ${scansOf(source)} scan(s), ${extent.voxels} voxels, up to ${extent.timePoints} time points, ${space}; ${source.storage}`,
  ...source.bad.map((scan) => `left out    ${describeBad(scan)}`),
  `reads       ${formatBytes(plan.bytesToRead)} with ${plan.workers} worker(s)`,
  `memory      ${formatBytes(plan.peakBytes)} at the peak, of ${formatBytes(plan.memoryLimitBytes)} that it may use`,
  `store       ${store}: ${formatBytes(plan.storeBytes)}, ${extent.precision}`
]

const scansOf = ({ subjects }: PreparedStore["source"]): number =>
  subjects.reduce((sum, { runs }) => sum + runs.length, 0)

const asJson = ({ source, extent, space, store, plan }: PreparedStore) => ({
  subjects: extent.subjects,
  scans: scansOf(source),
  bad_subjects: source.bad,
  voxels: extent.voxels,
  time_points: extent.timePoints,
  space,
  precision: extent.precision,
  workers: plan.workers,
  bytes_to_read: Math.ceil(plan.bytesToRead),
  store_bytes: plan.storeBytes,
  peak_memory_bytes: plan.peakBytes,
  memory_limit_bytes: Math.floor(plan.memoryLimitBytes),
  store
})
