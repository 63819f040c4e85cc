/**
 * Fused connectivity: seed, correlate, Fisher z and reduce as one pass of the engine over chunks of raw time series.
 *
 * Input: chunks whose slots lie in the engine's memory. Output: the sums of the pass, as reduce gives them.
 */
import type { Engine } from "../runtime/Engine.ts"
import { layOutEngine } from "../runtime/engineLayout.ts"
import type { OutputNotWritten } from "../runtime/OutputFolder.ts"
import { chunkSlotBytes, type ProblemShape } from "../runtime/ProblemShape.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import type { ConnectivitySums, ReduceOptions } from "./ConnectivitySums.ts"
import type { EmptySubject } from "./EmptySubject.ts"
import { bytesPerWorker, enginePass } from "./EnginePass.ts"
import type { Chunk } from "./Ingest.ts"
import type { InvalidTimeSeries } from "./InvalidTimeSeries.ts"
import type { Seeding } from "./Seed.ts"
import type { SeedToSeedOptions } from "./SeedToSeed.ts"
import { rawSeries } from "./SeriesForm.ts"

export const fusedConnectivityName = "fused: seed, correlate, fisherZ, reduce"

/** Bytes of the engine's memory that the chunk slots do not account for, and of its threads. */
export const fusedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes - shape.chunkSlots * chunkSlotBytes(shape) + workers * bytesPerWorker

export const fusedConnectivity = (
  seeding: Seeding,
  reduce: ReduceOptions,
  engine: Engine["Service"],
  pairing?: SeedToSeedOptions
): Stage<Chunk, ConnectivitySums, EmptySubject | InvalidTimeSeries | OutputNotWritten | WorkerFailed, Progress> => ({
  name: fusedConnectivityName,
  transform: (chunks) => enginePass(chunks, { engine, form: rawSeries, seeding, reduce, pairing }),
  footprintBytes: (shape) => fusedFootprintBytes(shape, engine.workers)
})
