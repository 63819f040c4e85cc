/**
 * The engine: worker threads that compute on one shared memory with WebAssembly SIMD kernels. Its passes give the
 * workers rows of stages to compute (`fusions.ts`), in tasks. Stages themselves do not know it.
 *
 * Its layer also provides the chunk pool, whose slots then lie in the shared memory, so that a worker reads a chunk
 * where another has written it. The memory is laid out once for the largest pass of the plan.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { constantsOfStore } from "../connectome/store/storeGeometry.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { type CompiledKernels, compileKernels, hasSimd, type KernelChoice } from "../kernels/compileKernels.ts"
import { type KernelMemory, makeKernelMemory } from "../kernels/kernelInstances.ts"
import type { Arithmetic } from "../kernels/WasmKernels.ts"
import * as BufferPool from "../runtime/BufferPool.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { bytesPerFloat32, type ProblemShape } from "../runtime/ProblemShape.ts"
import {
  makeWorkerPool,
  type WorkerFailed,
  type WorkerPool,
  type WorkerProgram,
  workerFile
} from "../runtime/WorkerPool.ts"
import type { EngineTask, TaskDone, WorkerStart } from "./EngineTask.ts"
import { type EngineLayout, layOutEngine } from "./engineLayout.ts"

/** What the engine's workers run. */
export const engineProgram: WorkerProgram = {
  file: workerFile("./engineWorker", import.meta.url),
  remedy: "No map was written from incomplete sums; run again."
}

/** The running engine: its shared memory, what lies where in it, and how a task is run on a worker. */
export class Engine extends Context.Service<
  Engine,
  {
    /** What the kernels compute with: `strict` where `fast` was asked for and this machine has no relaxed SIMD. */
    readonly arithmetic: Arithmetic
    readonly workers: number
    readonly memory: KernelMemory
    readonly layout: EngineLayout
    readonly run: WorkerPool<EngineTask, TaskDone>["run"]
  }
>()("lesion-network-mapping/engine/Engine") {
  static readonly layer = ({
    shape,
    workers,
    kernels
  }: EngineOptions): Layer.Layer<Engine | ChunkPool, WorkerFailed | NoEngineMemory> =>
    Layer.effectContext(
      Effect.gen(function* () {
        const layout = layOutEngine(shape, workers)
        const memory = yield* Effect.try({
          try: () => makeKernelMemory(layout.bytes),
          catch: (cause) => new NoEngineMemory({ neededBytes: layout.bytes, cause })
        })
        const pool = yield* makeWorkerPool<WorkerStart, EngineTask, TaskDone>(
          layout.workers.map((own) => ({ ...own, module: kernels.module, memory })),
          engineProgram
        )
        const slots = layout.slots.values()
        const chunks = yield* BufferPool.make(
          layout.slots.length,
          () => new Float32Array(memory.buffer, slots.next().value, layout.slotBytes / bytesPerFloat32)
        )
        const engine = Engine.of({ arithmetic: kernels.arithmetic, workers, memory, layout, run: pool.run })
        return Context.make(Engine, engine).pipe(Context.add(ChunkPool, chunks))
      })
    )
}

/** The system does not give the process the memory that the engine's workers share. */
export class NoEngineMemory extends Schema.TaggedError<NoEngineMemory>()("NoEngineMemory", {
  neededBytes: Schema.Number,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return (
      `the system does not give the process ${formatBytes(this.neededBytes)} of memory that its workers share ` +
      `(${reasonOf(this.cause)}). Lower compute.memory (--memory) or compute.workers, or raise the limit of this shell or job ` +
      "(ulimit -v, h_vmem); nothing was computed."
    )
  }
}

/** Options of the engine: the largest pass's shape, the number of workers, and the kernels that they compute with. */
export interface EngineOptions {
  readonly shape: ProblemShape
  readonly workers: number
  readonly kernels: CompiledKernels
}

/** The package's WebAssembly kernels are missing or damaged, on a machine that could run them. */
export class KernelsUnusable extends Schema.TaggedError<KernelsUnusable>()("KernelsUnusable", {
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return (
      `the computing kernels cannot be used: ${this.problem}. Install the package again; ` +
      "in a clone of the repository, run `npm run build:kernels`."
    )
  }
}

/**
 * The kernels for what is asked for, as far as this machine has it (`kernels/compileKernels.ts`); undefined where it has no SIMD for
 * WebAssembly at all.
 *
 * Errors: `KernelsUnusable`.
 */
export const loadKernels = Effect.fn("loadKernels")(function* (choice: KernelChoice) {
  if (!hasSimd()) return undefined
  return yield* Effect.tryPromise({
    try: () => compileKernels(choice, constantsOfStore),
    catch: (cause) => new KernelsUnusable({ problem: (cause as Error).message, cause })
  })
})
