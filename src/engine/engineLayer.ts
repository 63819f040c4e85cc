/** The engine for a pipeline to run on: its workers and memory, the chunk pool in that memory, and the backend that uses them. */
import { Layer } from "effect"
import { Backend } from "../runtime/Backend.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { Engine, type EngineOptions, type KernelsUnusable } from "./Engine.ts"
import { engineBackend } from "./engineBackend.ts"

/**
 * Starts an engine for as long as the layer lives.
 *
 * Errors: `KernelsUnusable` where the WebAssembly kernels are missing or damaged. If a worker dies, tasks fail with
 * `WorkerFailed`.
 */
export const engineLayer = (options: EngineOptions): Layer.Layer<Engine | ChunkPool, WorkerFailed | KernelsUnusable> =>
  Layer.merge(Engine.layer(options), Layer.succeed(Backend, engineBackend(options.workers)))
