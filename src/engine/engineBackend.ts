/** The engine as a backend: which rows of stages it computes, and what its memory can hold. A value; nothing is started by it. */
import { Effect } from "effect"
import type { BackendService } from "../runtime/Backend.ts"
import { largestMemoryBytes, layOutEngine } from "./engineLayout.ts"
import { fuseRows } from "./fusions.ts"

export const engineBackend = (workers: number): BackendService => ({
  name: "WebAssembly",
  workers,
  fits: (shape) => layOutEngine(shape, workers).bytes <= largestMemoryBytes,
  bound: "the 4 GiB that the engine can address",
  fuse: (stages) => fuseRows(stages, workers),
  begin: Effect.void
})
