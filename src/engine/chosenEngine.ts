/**
 * Whether a run computes on the engine: on workers with WebAssembly kernels in float32, wherever these can run and float32
 * suffices; else with the plain stages, in float64, on the main thread.
 */
import { Effect, type Layer } from "effect"
import type { Config } from "../../pipelines/functional-network-mapping/Config.ts"
import { fewestSubjectsInFloat32 } from "../kernels/numericPolicy.ts"
import type { Arithmetic } from "../kernels/WasmKernels.ts"
import type { Manifest } from "../output/Manifest.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import type { Plan } from "../runtime/Plan.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { arithmeticOf, defaultWorkers, Engine } from "./Engine.ts"

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
