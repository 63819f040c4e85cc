/** The engine as a backend: which rows of stages it computes, and what its memory can hold. A value; nothing is started by it. */
import { Effect } from "effect"
import type { BackendService } from "../runtime/Backend.ts"
import { engineExceeded, fitsEngine } from "./engineExceeded.ts"
import { largestMemoryBytes } from "./engineLayout.ts"
import { fuseRows } from "./fusions.ts"

export const engineBackend = (workers: number): BackendService => ({
  name: "WebAssembly",
  workers,
  mostBytes: largestMemoryBytes,
  fits: (shape) => fitsEngine(shape, workers),
  exceeded: (smallest, fitting) => engineExceeded(smallest, workers, fitting),
  fuse: (stages) => fuseRows(stages, workers),
  begin: Effect.void
})
