/** The engine for a pipeline to run on: its workers and memory, the chunk pool in that memory, and the backend that uses them. */
import { Layer } from "effect"
import { Backend } from "../runtime/Backend.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { Engine, type EngineOptions, type KernelsUnusable } from "./Engine.ts"
import { engineBackend } from "./engineBackend.ts"

export const engineLayer = (options: EngineOptions): Layer.Layer<Engine | ChunkPool, WorkerFailed | KernelsUnusable> =>
  Layer.merge(Engine.layer(options), Layer.succeed(Backend, engineBackend(options.workers)))
