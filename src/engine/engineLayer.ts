/** The engine for a pipeline to run on: its workers and memory, the chunk pool in that memory, and the backend that uses them. */
import { Effect, Layer } from "effect"
import type { KernelChoice } from "../kernels/compileKernels.ts"
import { Backend } from "../runtime/Backend.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import type { ProblemShape } from "../runtime/ProblemShape.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { Engine, type EngineOptions, KernelsUnusable, loadKernels, type NoEngineMemory } from "./Engine.ts"
import { engineBackend } from "./engineBackend.ts"

/** Options of `engineLayer`. */
export interface EngineLayerOptions {
  /** The largest pass's shape. */
  readonly shape: ProblemShape
  readonly workers: number
  readonly arithmetic: KernelChoice["arithmetic"]
  /**
   * 128 by default. 256 and `auto` set experimental flags of V8 in this process for the milliseconds in which the kernels are compiled,
   * and fall back to 128 where the machine has no others or V8's are not right.
   */
  readonly vectors?: KernelChoice["vectors"]
}

/**
 * Starts an engine for as long as the layer lives.
 *
 * Errors: `KernelsUnusable` where the WebAssembly kernels are missing or damaged. If a worker dies, tasks fail with
 * `WorkerFailed`. `NoEngineMemory` where the system does not give the memory.
 */
export const engineLayer = ({
  shape,
  workers,
  arithmetic,
  vectors = 128
}: EngineLayerOptions): Layer.Layer<Engine | ChunkPool, WorkerFailed | KernelsUnusable | NoEngineMemory> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const kernels = yield* loadKernels({ arithmetic, vectors })
      if (kernels === undefined) return yield* new KernelsUnusable({ problem: "this machine has no WebAssembly SIMD" })
      return engineOf({ shape, workers, kernels })
    })
  )

/** `engineLayer` with kernels that are loaded already. */
export const engineOf = (options: EngineOptions): Layer.Layer<Engine | ChunkPool, WorkerFailed | NoEngineMemory> =>
  Layer.merge(Engine.layer(options), Layer.succeed(Backend, engineBackend(options.workers)))
