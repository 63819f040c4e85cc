/** Statistics with the maps of lesions computed side by side on the engine's workers. */
import { Effect } from "effect"
import { type ConnectivitySums, lesionSums } from "../elements/ConnectivitySums.ts"
import type { LesionMaps, StatisticsOptions } from "../elements/LesionMaps.ts"
import { addSums, type LesionSums } from "../kernels/LesionSums.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { statisticsWith } from "../stages/Statistics.ts"
import { Engine } from "./Engine.ts"
import type { StatisticsTask } from "./EngineTask.ts"

export const engineStatistics = (
  options: StatisticsOptions,
  workers: number
): Stage<ConnectivitySums, LesionMaps, WorkerFailed, Engine> =>
  // One lesion more than there are workers, so that none waits for this thread.
  statisticsWith(options, mapsOfLesion, workers + 1)

const mapsOfLesion = Effect.fnUntraced(function* (sums: ConnectivitySums, lesion: number) {
  const engine = yield* Engine
  return (yield* engine.run({ kind: "statistics", ...sumsForWorker(lesionSums(sums, lesion), engine) })).maps!
})

/** Sums in the engine's memory are read there; the worker gets a copy of any other sums. */
export const sumsForWorker = (
  sums: LesionSums,
  { memory }: Engine["Service"]
): Pick<StatisticsTask, "values" | "sums"> => {
  const { values, ...shape } = sums
  if (values.buffer === memory.buffer) {
    const { byteOffset: address, length } = values
    return { values: { address, length }, sums: shape }
  }
  const copy = new BigInt64Array(2 * shape.voxels)
  const row = { ...shape, width: shape.voxels, step: 0 }
  if (shape.width === shape.voxels) copy.set(values.subarray(0, copy.length))
  else addSums(sums, { ...row, values: copy })
  return { values: copy, sums: row }
}
