/**
 * What the engine asks of a worker, as plain messages: read a block of the connectome, make the seeds of some lesions,
 * or add a range of voxel panels to the sums. All bulk data is in the shared memory; a message carries addresses.
 */
import type { Hdf5Block } from "../connectome/hdf5Block.ts"

/** Reads a block into the shared memory. */
export interface ReadTask {
  readonly kind: "read"
  readonly block: Hdf5Block
  /** Address of each subject's time series, (time points, voxels). */
  readonly subjects: ReadonlyArray<number>
}

/** Computes and packs the seeds of a group of lesions, whole blocks of six, in all subjects of a chunk. */
export interface SeedTask {
  readonly kind: "seed"
  readonly timePoints: number
  readonly voxels: number
  readonly lesions: number
  readonly runs: number
  readonly runEnds: number
  readonly weights: number
  readonly scales: number
  readonly series: number
  readonly invalidSeeds: number
  /** Of each subject: address of its time series, and of the group's first block. */
  readonly subjects: ReadonlyArray<{ readonly values: number; readonly blocks: number }>
}

/** Correlates, transforms and sums a range of voxel panels over the subjects of a chunk. */
export interface ConnectivityTask {
  readonly kind: "connectivity"
  readonly values: number
  readonly subjects: number
  readonly timePoints: number
  readonly voxels: number
  readonly firstPanel: number
  readonly panels: number
  readonly tilePanels: number
  readonly seeds: number
  readonly blocks: number
  readonly sums: number
}

export type EngineTask = ReadTask | SeedTask | ConnectivityTask

export interface TaskDone {
  /** Seconds that the worker was busy with it. */
  readonly seconds: number
  /** Of each subject of the task: seeds, or voxels of the range, that were invalid. Empty for a read. */
  readonly invalid: ReadonlyArray<number>
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly buffer: SharedArrayBuffer
  readonly memory: unknown
  readonly invalidVoxels: number
  readonly scratch: number
}

export type WorkerReply =
  | { readonly ok: true; readonly done: TaskDone }
  | { readonly ok: false; readonly error: { readonly message: string; readonly stack: string | undefined } }
