/**
 * What computes a row of stages as one. A pipeline asks the backend that is provided which of its stages run together and how; the
 * plain backend runs each stage as it is, on this thread, in float64.
 *
 * A backend is a value that knows rows of operations, how many workers it has, and which shapes it can hold, so that a plan can be made
 * before anything is started. What the rows need while they run (threads, memory) is provided by the backend's own layer.
 */
import { Context, Effect, Layer } from "effect"
import type { EngineExceeded } from "./EngineExceeded.ts"
import type { ProblemShape } from "./ProblemShape.ts"
import type { AnyStage } from "./Stage.ts"

/** A backend: what it computes as one, and how much it can hold. */
export interface BackendService {
  /** For the plan and the manifest. */
  readonly name: string
  /** Threads that read and compute beside this one; 0: all is done on this one. */
  readonly workers: number
  /** Bytes that the backend can address, whatever the machine's memory. */
  readonly mostBytes: number
  /** Whether a pass of this shape fits into `mostBytes`. */
  readonly fits: (shape: ProblemShape) => boolean
  /** The error where not even the smallest pass that was tried fits; it names what would fit. */
  readonly exceeded: (smallest: ProblemShape, fitting: Fitting) => EngineExceeded
  /** The steps that compute the stages, in their order; each stage is in one step. */
  readonly fuse: (stages: ReadonlyArray<AnyStage>) => ReadonlyArray<Step>
  /** Runs each time a pipeline begins on this backend. */
  readonly begin: Effect.Effect<void>
}

/** Subjects a chunk and lesions a pass that would fit; 0 where fewer would not help. */
export interface Fitting {
  readonly subjects: number
  readonly lesions: number
}

/** A stage that runs, and the stages of the pipeline that it stands for. */
export interface Step {
  readonly stage: AnyStage
  readonly replaces: ReadonlyArray<string>
  /** Whether it reads a store itself: then subjects lie in memory as they are stored, `ProblemShape.storedBytesPerSubject`. */
  readonly readsStored?: boolean
  /** Why the stage runs plain although the backend knows its operation. */
  readonly plainBecause?: string
}

const plain: BackendService = {
  name: "plain",
  workers: 0,
  mostBytes: Number.POSITIVE_INFINITY,
  fits: () => true,
  exceeded: () => {
    throw new Error("every shape fits the plain backend")
  },
  fuse: (stages) => stages.map((stage) => ({ stage, replaces: [stage.name] })),
  begin: Effect.void
}

let warned = false

/** The plain backend of a program that has not chosen one: says so once. */
const unchosen: BackendService = {
  ...plain,
  begin: Effect.suspend(() => {
    if (warned) return Effect.void
    warned = true
    return Effect.logWarning(
      "No backend is provided, so each stage runs as it is, on one thread. Provide engineLayer to compute on all cores, or Backend.layerPlain to choose this."
    )
  })
}

const reference = Context.Reference<BackendService>("lesion-network-mapping/runtime/Backend", {
  defaultValue: () => unchosen
})

/** The backend of the running program. */
export const Backend = Object.assign(reference, {
  plain,
  /** Runs every stage as it is. */
  layerPlain: Layer.succeed(reference, plain)
})
