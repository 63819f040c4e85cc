/** What a group's analysis asks of its workers, as plain messages: each kind of task with its result. */
import type { Effect, Scope } from "effect"
import type { Component } from "../../kernels/group/leadingComponents.ts"
import { makeWorkerPool, type WorkerFailed, type WorkerProgram, workerFile } from "../../runtime/WorkerPool.ts"
import type { ComparisonTask, ComparisonTileDone } from "./comparisonTile.ts"
import type { ComponentMapsTask, ComponentsTask } from "./componentTile.ts"
import type { ContrastTask, ContrastTileDone } from "./contrastTile.ts"
import type { GroupStart } from "./GroupStart.ts"
import type { GramTask, GramTileDone } from "./gramTile.ts"
import type { ModelDone, ModelTask } from "./modelTile.ts"
import type { StrongOfTile } from "./permutedMaps.ts"
import type { PermutedTask, StrongTask } from "./permutedTile.ts"
import type { PredictDone, PredictTask } from "./predictTile.ts"
import type { SimulationTask } from "./simulationTile.ts"
import type { SpatialTask, SpatialTileDone } from "./spatialTile.ts"

/** Tasks and their results, by kind. */
export interface GroupWork {
  readonly contrast: { readonly task: ContrastTask; readonly done: ContrastTileDone }
  readonly gram: { readonly task: GramTask; readonly done: GramTileDone }
  readonly components: { readonly task: ComponentsTask; readonly done: ReadonlyArray<Component> }
  readonly "component maps": { readonly task: ComponentMapsTask; readonly done: ReadonlyArray<Float64Array> }
  readonly simulation: { readonly task: SimulationTask; readonly done: Float64Array }
  readonly comparison: { readonly task: ComparisonTask; readonly done: ComparisonTileDone }
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
