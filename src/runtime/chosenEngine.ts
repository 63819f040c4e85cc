/**
 * Whether a run computes on the engine: on workers with WebAssembly kernels in float32, wherever these can run and float32
 * suffices; else with the plain stages, in float64, on the main thread.
 */
import { Effect, type Layer } from "effect"
import { fewestSubjectsInFloat32 } from "../kernels/numericPolicy.ts"
import type { Arithmetic } from "../kernels/WasmKernels.ts"
import { ChunkPool } from "./ChunkPool.ts"
import type { Config } from "./Config.ts"
import { arithmeticOf, Engine } from "./Engine.ts"
import type { Manifest } from "./Manifest.ts"
import { defaultWorkers } from "./machineProcessors.ts"
import type { Plan } from "./Plan.ts"
import type { WorkerFailed } from "./WorkerPool.ts"

export interface ChosenEngine {
  readonly workers: number
  readonly arithmetic: Arithmetic
}

/** The engine for a connectome of so many subjects; undefined: the plain stages compute. */
export const chooseEngine = Effect.fn("chooseEngine")(function* (subjects: number, compute: Config["compute"]) {
  if (subjects < fewestSubjectsInFloat32) return undefined
  const arithmetic = yield* arithmeticOf(compute.arithmetic)
  const workers = compute.workers === "auto" ? defaultWorkers() : compute.workers
  const engine: ChosenEngine | undefined = arithmetic === undefined ? undefined : { workers, arithmetic }
  return engine
})

/** The chunk slots of a plan: in the engine's memory, with the engine, where there is one. */
export const memoryFor = ({ shape }: Plan, engine: ChosenEngine | undefined): Layer.Layer<ChunkPool, WorkerFailed> =>
  engine === undefined ? ChunkPool.layer(shape) : Engine.layer({ shape, ...engine })

/** As the manifest has it. */
export const describeEngine = (engine: ChosenEngine | undefined): Manifest["engine"] => ({
  kernels: engine === undefined ? "TypeScript" : "WebAssembly",
  arithmetic: engine?.arithmetic ?? "float64",
  workers: engine?.workers ?? 0
})
