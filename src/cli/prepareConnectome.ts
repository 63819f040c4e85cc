/** `lnm run` and `lnm plan` of `prepare-connectome`: make a store, or say what that will take. */
import { Clock, Console, Effect } from "effect"
import type { PrepareConfig } from "../../pipelines/prepare-connectome/PrepareConfig.ts"
import { describeBad, makeStore, type PreparedStore, prepareStore } from "../../pipelines/prepare-connectome.ts"
import { unfinishedFolder } from "../connectome/store/storeFormat.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds } from "../runtime/Progress.ts"
import { CommandFailed, checking, exitCodes } from "./CommandFailed.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

/** Failures after which the store is as it was. */
const nothingDone: ReadonlySet<string> = new Set(["StoreBusy", "StoreInTheWay"])

export const prepareConnectome = Effect.fnUntraced(function* (
  config: PrepareConfig,
  options: { readonly progress: ProgressKind; readonly fresh: boolean }
) {
  const prepared = yield* checking(prepareStore(config, options.fresh))
  const startedAt = yield* Clock.currentTimeMillis
  const { store, entries, bad } = yield* Effect.scoped(makeStore(prepared)).pipe(
    Effect.mapError(
      (error) => new CommandFailed(error, nothingDone.has(error._tag) ? exitCodes.inputWrong : exitCodes.runFailed)
    ),
    Effect.provide(yield* progressLayer(options.progress)),
    Effect.onInterrupt(() =>
      Console.error(
        `what is finished is kept in ${unfinishedFolder(prepared.store)}: run again, and it goes on from there`
      )
    )
  )
  const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
  const flat = entries.reduce((sum, { flat_voxels }) => sum + flat_voxels, 0)
  const { voxels, precision } = prepared.extent
  yield* Console.log(
    [
      `${entries.length} subjects × ${voxels} voxels, ${precision}, ${formatBytes(prepared.plan.storeBytes)} in ${formatSeconds(seconds)}`,
      ...(flat > 0 ? [`${flat} voxel time series have no variance; they will count as r = 0`] : []),
      ...(bad.length > 0 ? [`left out: ${bad.length}`, ...bad.map((scan) => `  ${describeBad(scan)}`)] : []),
      `store: ${store}`
    ].join("\n")
  )
})

export const planStore = Effect.fnUntraced(function* (
  config: PrepareConfig,
  options: { readonly json: boolean; readonly fresh: boolean }
) {
  const prepared = yield* checking(prepareStore(config, options.fresh))
  yield* Console.log(options.json ? JSON.stringify(asJson(prepared), null, 2) : asText(prepared))
})

const asText = ({ source, extent, space, store, plan }: PreparedStore): string =>
  [
    `source      ${source.path}`,
    `            ${extent.subjects} subjects, ${extent.voxels} voxels, up to ${extent.timePoints} time points, ${space}; ${source.storage}`,
    ...source.bad.map((scan) => `left out    ${describeBad(scan)}`),
    `reads       ${formatBytes(plan.bytesToRead)} with ${plan.workers} worker(s)`,
    `memory      ${formatBytes(plan.peakBytes)} at the peak, of ${formatBytes(plan.memoryLimitBytes)} that it may use`,
    `store       ${store}: ${formatBytes(plan.storeBytes)}, ${extent.precision}`
  ].join("\n")

const asJson = ({ source, extent, space, store, plan }: PreparedStore) => ({
  subjects: extent.subjects,
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
