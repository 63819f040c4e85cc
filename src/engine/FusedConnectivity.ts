/**
 * Fused connectivity: seed, correlate, Fisher z and reduce as one pass of the engine over chunks of raw time series.
 *
 * Input: chunks whose slots lie in the engine's memory. Output: the sums of the pass, as reduce gives them.
 */

import type { Chunk } from "../elements/Chunk.ts"
import type { ConnectivitySums, ReduceOptions } from "../elements/ConnectivitySums.ts"
import type { InvalidTimeSeries } from "../elements/InvalidTimeSeries.ts"
import type { SeedToSeedOptions } from "../elements/SeedPairs.ts"
import type { SeedRegions } from "../elements/SeedRegion.ts"
import { chunkSlotBytes, type ProblemShape } from "../runtime/ProblemShape.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import type { Engine } from "./Engine.ts"
import { bytesPerWorker, enginePass } from "./EnginePass.ts"
import { layOutEngine } from "./engineLayout.ts"
import { rawSeries } from "./SeriesForm.ts"

export const fusedConnectivityName = "fused: seed, correlate, fisherZ, reduce"

/** Bytes of the engine's memory that the chunk slots do not account for, and of its threads. */
export const fusedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes - shape.chunkSlots * chunkSlotBytes(shape) + workers * bytesPerWorker

export const fusedConnectivity = (
  regions: SeedRegions,
  reduce: ReduceOptions,
  engine: Engine["Service"],
  pairing?: SeedToSeedOptions
): Stage<Chunk, ConnectivitySums, InvalidTimeSeries | WorkerFailed, Progress> => ({
  name: fusedConnectivityName,
  transform: (chunks) => enginePass(chunks, { engine, form: rawSeries, regions, reduce, pairing }),
  footprintBytes: (shape) => fusedFootprintBytes(shape, engine.workers)
})
