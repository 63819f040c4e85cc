/** Statistics with the maps of lesions computed side by side on the engine's workers. */
import { Effect } from "effect"
import type { ConnectivitySums } from "../elements/ConnectivitySums.ts"
import type { LesionMaps, StatisticsOptions } from "../elements/LesionMaps.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { statisticsWith, sumsOfLesion } from "../stages/Statistics.ts"
import { Engine } from "./Engine.ts"

export const engineStatistics = (
  options: StatisticsOptions,
  workers: number
): Stage<ConnectivitySums, LesionMaps, WorkerFailed, Engine> =>
  // One lesion more than there are workers: its sums are gathered while the others compute.
  statisticsWith(options, mapsOfLesion, workers + 1)

const mapsOfLesion = Effect.fnUntraced(function* (sums: ConnectivitySums, lesion: number) {
  const engine = yield* Engine
  const [sumZ, sumZ2] = yield* sumsOfLesion(sums, lesion)
  return (yield* engine.run({ kind: "statistics", sumZ, sumZ2, subjects: sums.subjects })).maps!
})
