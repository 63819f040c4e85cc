/**
 * What a run computes on: the engine, on workers with WebAssembly kernels in float32, wherever these can run and float32 suffices;
 * else the plain stages, in float64, on the main thread. `plainBecause` says why.
 */
import { Effect, Layer } from "effect"
import type { KernelChoice } from "../kernels/compileKernels.ts"
import { fewestSubjectsInFloat32 } from "../kernels/numericPolicy.ts"
import type { Arithmetic, VectorBits } from "../kernels/WasmKernels.ts"
import type { Manifest } from "../output/Manifest.ts"
import { Backend, type BackendService } from "../runtime/Backend.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import { defaultWorkers } from "../runtime/machineProcessors.ts"
import type { ProblemShape } from "../runtime/ProblemShape.ts"
import type { AnyStage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { type KernelsUnusable, loadKernels, type NoEngineMemory } from "./Engine.ts"
import { engineBackend } from "./engineBackend.ts"
import { engineOf } from "./engineLayer.ts"
import { WideVectors } from "./WideVectors.ts"

export interface ChosenBackend {
  readonly backend: BackendService
  /** `float64`: the plain stages. */
  readonly arithmetic: Arithmetic | "float64"
  /** Bits of the kernels' vectors; undefined: the plain stages. */
  readonly vectors?: VectorBits
  /** Why vectors have 128 bits, where that is worth a warning. */
  readonly narrowBecause?: string | undefined
  /** Why the engine is not used; undefined where it is. */
  readonly plainBecause: string | undefined
  /** The backend at work, with the chunk slots in its memory. */
  readonly layer: (shape: ProblemShape) => Layer.Layer<ChunkPool, WorkerFailed | KernelsUnusable | NoEngineMemory>
}

/** The backend for a study of so many subjects. */
export const chooseBackend = Effect.fn("chooseBackend")(function* (
  subjects: number,
  compute: {
    readonly workers: number | "auto"
    readonly arithmetic: Arithmetic
    readonly vectors?: KernelChoice["vectors"]
  }
) {
  if (subjects < fewestSubjectsInFloat32) {
    return plainBackend(`with ${subjects} subjects all digits of float64 are needed`)
  }
  const { arithmetic, vectors = "auto" } = compute
  const kernels = yield* loadKernels({
    arithmetic,
    vectors: vectors === "auto" && !(yield* WideVectors) ? 128 : vectors
  })
  if (kernels === undefined) return plainBackend("this machine has no WebAssembly SIMD")
  const workers = compute.workers === "auto" ? defaultWorkers() : compute.workers
  const chosen: ChosenBackend = {
    backend: engineBackend(workers),
    arithmetic: kernels.arithmetic,
    vectors: kernels.vectors,
    narrowBecause: kernels.narrowBecause,
    plainBecause: undefined,
    layer: (shape) => engineOf({ shape, workers, kernels })
  }
  return chosen
})

const plainBackend = (plainBecause: string): ChosenBackend => ({
  backend: Backend.plain,
  arithmetic: "float64",
  plainBecause,
  layer: (shape) => Backend.layerPlain.pipe(Layer.provideMerge(ChunkPool.layer(shape)))
})

/** The backend in the manifest's words: which steps compute which stages of a pipeline, and why some run as they are. */
export const describeBackend = (
  { backend, arithmetic, vectors, plainBecause }: ChosenBackend,
  stages: ReadonlyArray<AnyStage>
): Manifest["backend"] => {
  const steps = backend.fuse(stages)
  return {
    name: backend.name,
    arithmetic,
    ...(vectors === undefined ? {} : { vectors }),
    workers: backend.workers,
    steps: steps.map(({ stage, plainBecause: because = plainBecause }) =>
      because === undefined ? { name: stage.name } : { name: stage.name, plain_because: because }
    )
  }
}
