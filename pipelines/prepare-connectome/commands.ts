/** `lnm plan` and `lnm run` of `prepare-connectome`: what making a store will take, and the store. */
import path from "node:path"
import { Clock, Console, Effect, Schema } from "effect"
import { unfinishedFolder } from "../../src/connectome/store/storeFormat.ts"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import { formatBytes } from "../../src/runtime/Plan.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import { NothingToMeasure } from "../NothingToMeasure.ts"
import type { PlannedRun, PlanOf } from "../PipelineEntry.ts"
import { makeStore, type PreparedStore, prepareStore } from "../prepare-connectome.ts"
import { describeBad } from "./failures.ts"
import type { PrepareConfig } from "./PrepareConfig.ts"

/** Failures after which the store is as it was. */
const nothingDone: ReadonlySet<unknown> = new Set(["StoreBusy", "StoreInTheWay"])

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
    run: prepareConnectome(prepared),
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag)
  }
  return planned
})

/** Makes the store, and says what it holds. */
const prepareConnectome = Effect.fnUntraced(function* (prepared: PreparedStore) {
  const startedAt = yield* Clock.currentTimeMillis
  const { store, entries, bad } = yield* Effect.scoped(makeStore(prepared)).pipe(
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
