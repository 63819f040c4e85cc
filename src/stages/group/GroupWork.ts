/** What a group's analysis asks of its workers, as plain messages: each kind of task with its result. */
import type { Effect, Scope } from "effect"
import { makeWorkerPool, type WorkerFailed, type WorkerProgram, workerFile } from "../../runtime/WorkerPool.ts"
import type { ContrastTask, ContrastTileDone } from "./contrastTile.ts"
import type { GroupStart } from "./GroupStart.ts"
import type { ModelDone, ModelTask } from "./modelTile.ts"
import type { StrongOfTile } from "./permutedMaps.ts"
import type { PermutedTask, StrongTask } from "./permutedTile.ts"
import type { PredictDone, PredictTask } from "./predictTile.ts"
import type { SpatialTask, SpatialTileDone } from "./spatialTile.ts"

/** Tasks and their results, by kind. */
export interface GroupWork {
  readonly contrast: { readonly task: ContrastTask; readonly done: ContrastTileDone }
  readonly permuted: { readonly task: PermutedTask; readonly done: null }
  readonly strong: { readonly task: StrongTask; readonly done: StrongOfTile }
  readonly spatial: { readonly task: SpatialTask; readonly done: SpatialTileDone }
  readonly predict: { readonly task: PredictTask; readonly done: PredictDone }
  readonly model: { readonly task: ModelTask; readonly done: ModelDone }
}

export type GroupTask = GroupWork[keyof GroupWork]["task"]
export type GroupDone = GroupWork[keyof GroupWork]["done"]

export interface GroupPool {
  readonly workers: number
  readonly run: <Kind extends keyof GroupWork>(
    task: Extract<GroupTask, { readonly kind: Kind }>
  ) => Effect.Effect<GroupWork[Kind]["done"], WorkerFailed>
}

const groupProgram: WorkerProgram = {
  file: workerFile("./groupWorker", import.meta.url),
  remedy: "Run again; with less memory free, lower compute.workers"
}

/** Starts the workers; the Scope ends them. */
export const makeGroupPool = (
  workers: number,
  start: GroupStart
): Effect.Effect<GroupPool, WorkerFailed, Scope.Scope> =>
  // A worker answers each kind of task with the result of its kind.
  makeWorkerPool<GroupStart, GroupTask, GroupDone>(
    Array.from({ length: workers }, () => start),
    groupProgram
  ) as unknown as Effect.Effect<GroupPool, WorkerFailed, Scope.Scope>
