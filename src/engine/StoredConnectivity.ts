/**
 * Stored connectivity: ingest, seed, correlate, Fisher z and reduce as one pass of the engine over a connectome store.
 *
 * Input: ranges of subjects. Output: the sums of the pass, as reduce gives them. The time series stay as they are stored, and are
 * brought to float32 a tile at a time when they are correlated.
 */
import { Effect, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable, StoredTimeSeries } from "../connectome/Connectome.ts"
import type { SubjectRange } from "../elements/Chunk.ts"
import type { ConnectivitySums } from "../elements/ConnectivitySums.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import type { ProblemShape } from "../runtime/ProblemShape.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { Engine } from "./Engine.ts"
import { bytesPerWorker, type ConnectivityFailure, enginePass, keptBytes } from "./EnginePass.ts"
import { layOutEngine } from "./engineLayout.ts"
import { type ConnectivityRow, connectivityName } from "./FusedConnectivity.ts"
import { ingestStored } from "./IngestStored.ts"
import { storedSeries } from "./SeriesForm.ts"

/** All of the engine's memory, and its threads. */
export const storedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes + workers * bytesPerWorker

export const storedConnectivity = (
  connectome: Connectome,
  stored: StoredTimeSeries,
  row: ConnectivityRow,
  workers: number
): Stage<
  SubjectRange,
  ConnectivitySums,
  ConnectomeUnreadable | ConnectivityFailure,
  ChunkPool | Engine | Progress
> => ({
  name: connectivityName(["ingest", "seed"], row),
  transform: (ranges) =>
    Stream.unwrap(
      Effect.map(Engine, (engine) => {
        const source = { connectome, engine, stored, filesOf: stored.filesOf, bytes: connectome.bytesToRead }
        const chunks = ingestStored(ranges, source)
        return enginePass(chunks, { ...row, engine, form: storedSeries(stored) })
      })
    ),
  footprintBytes: (shape) => storedFootprintBytes(shape, workers) + keptBytes(row.reduce.from)
})
