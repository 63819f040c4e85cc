/**
 * Fused connectivity: seed, correlate, Fisher z and reduce as one pass of the engine over chunks of raw time series.
 *
 * Input: chunks whose slots lie in the engine's memory. Output: the sums of the pass, as reduce gives them.
 */

import { Effect, Stream } from "effect"
import type { Chunk } from "../elements/Chunk.ts"
import type { ConnectivitySums, ReduceOptions } from "../elements/ConnectivitySums.ts"
import type { PartialSeedsOptions } from "../elements/PartialSeeds.ts"
import type { SeedMatrixOptions } from "../elements/SeedMatrixSums.ts"
import type { Seeding } from "../elements/SeedRegion.ts"
import type { TileFunctionSource } from "../elements/TileFunction.ts"
import { chunkSlotBytes, type ProblemShape } from "../runtime/ProblemShape.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { Engine } from "./Engine.ts"
import { bytesPerWorker, type ConnectivityFailure, enginePass, keptBytes } from "./EnginePass.ts"
import { layOutEngine } from "./engineLayout.ts"
import { rawSeries } from "./SeriesForm.ts"

/** The options of a row's stages, as the engine's pass needs them. */
export interface ConnectivityRow {
  readonly seeding: Seeding
  readonly reduce: ReduceOptions
  readonly partial: PartialSeedsOptions | undefined
  readonly pairing: SeedMatrixOptions | undefined
  /** Whether the degree is summed too. */
  readonly degree: boolean
  /** Functions of the `mapTiles` stages between fisherZ and reduce, in their order. */
  readonly functions: ReadonlyArray<TileFunctionSource>
}

/** The step's name: "fused: ", the stages in `first`, and the rest of the row; stages of the user's by their own names. */
export const connectivityName = (first: ReadonlyArray<string>, { partial, functions }: ConnectivityRow): string => {
  const seeding = partial === undefined ? first : [...first, "partialSeeds"]
  return `fused: ${[...seeding, "correlate", "fisherZ", ...functions.map(({ name }) => name), "reduce"].join(", ")}`
}

/** Bytes of the engine's memory that the chunk slots do not account for, and of its threads. */
export const fusedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes - shape.chunkSlots * chunkSlotBytes(shape) + workers * bytesPerWorker

export const fusedConnectivity = (
  row: ConnectivityRow,
  workers: number
): Stage<Chunk, ConnectivitySums, ConnectivityFailure, Engine | Progress> => ({
  name: connectivityName(["seed"], row),
  transform: (chunks) =>
    Stream.unwrap(Effect.map(Engine, (engine) => enginePass(chunks, { ...row, engine, form: rawSeries }))),
  footprintBytes: (shape) => fusedFootprintBytes(shape, workers) + keptBytes(row.reduce.from)
})
