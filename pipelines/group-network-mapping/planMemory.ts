/**
 * The memory of a group's analysis at its peak, and how many workers that leaves room for. Where memory does not hold the maps of all
 * patients, they go to a scratch file in the output folder.
 *
 * The peak is what is there all the time (the process, the maps where they are in memory) and the largest of the phases, of which one runs
 * at a time.
 */
import path from "node:path"
import { Effect, Schema } from "effect"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import type { ScratchPlace } from "../../src/files/scratchFile.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { runFolder } from "../../src/output/runFolder.ts"
import { defaultWorkers } from "../../src/runtime/machineProcessors.ts"
import { formatBytes, predictionMargin, processBytes } from "../../src/runtime/Plan.ts"
import { readerBytes } from "../../src/stages/group/mapReading.ts"
import type { Cohort } from "../../src/stages/group/readCohort.ts"
import { scratchBytes } from "../../src/stages/group/scratchRows.ts"
import type { GroupConfig } from "./Config.ts"

/** A part of the analysis that runs by itself: bytes that are there once, and those of each worker. */
export interface GroupPhase {
  readonly name: string
  readonly bytes: number
  readonly workerBytes: number
}

export interface GroupMemory {
  readonly workers: number
  readonly peakBytes: number
  readonly limitBytes: number
  /** Bytes that the run may use beside its peak. */
  readonly spareBytes: number
  /** The scratch file; undefined: memory holds the maps. */
  readonly scratch: ScratchPlace | undefined
}

/** The analysis does not fit into the memory that it may use. */
export class NotEnoughMemoryForGroup extends Schema.TaggedError<NotEnoughMemoryForGroup>()("NotEnoughMemoryForGroup", {
  neededBytes: Schema.Number,
  limitBytes: Schema.Number,
  workers: Schema.Int
}) {
  override get message(): string {
    const { workers } = this
    return (
      `compute.memory: ${workers} worker(s) need ${formatBytes(this.neededBytes)}, the maps in a scratch file, but the run may use ` +
      `${formatBytes(this.limitBytes)}. ${workers > 1 ? "Lower compute.workers, or raise" : "Raise"} compute.memory.`
    )
  }
}

/** The disk of the output folder does not hold the scratch file. */
export class NoRoomForScratch extends Schema.TaggedError<NoRoomForScratch>()("NoRoomForScratch", {
  folder: Schema.String,
  neededBytes: Schema.Number,
  freeBytes: Schema.Number,
  memoryBytes: Schema.Number
}) {
  override get message(): string {
    return (
      `output.path: ${this.folder} is on a disk with ${formatBytes(this.freeBytes)} free, and the maps of all patients need a scratch file of ` +
      `${formatBytes(this.neededBytes)} there while the run lasts. Give another output.path, or a compute.memory of ` +
      `${formatBytes(this.memoryBytes)}, which holds them.`
    )
  }
}

/** Share of the workers that memory must leave room for, so that the maps go there and not to a scratch file. */
const leastShareInMemory = 0.5

/** Bytes a voxel of the grid that the main thread holds: volumes that it reads and writes, as far as they are not collected yet. */
const mainVoxelBytes = 32

/** @param voxels those in which the first patient has a value: of every map so many are kept */
export const planMemory = Effect.fn("planMemory")(function* (
  { compute, output }: Pick<GroupConfig, "compute" | "output">,
  limitBytes: number,
  cohort: Cohort,
  voxels: number,
  phases: ReadonlyArray<GroupPhase>
) {
  const usable = (1 - predictionMargin) * limitBytes
  const wanted = compute.workers === "auto" ? defaultWorkers() : compute.workers
  const patients = cohort.patients.length
  const all = [readingPhase(cohort, voxels), ...phases]
  const alwaysBytes = processBytes + mainVoxelBytes * voxelsOf(cohort.grid)
  const peakWith = (mapBytes: number, workers: number) => alwaysBytes + mapBytes + largest(all, workers)
  const fitting = (mapBytes: number): number => {
    const left = usable - alwaysBytes - mapBytes
    return Math.min(
      wanted,
      ...all.map(({ bytes, workerBytes }) => {
        const spare = left - bytes
        return workerBytes > 0 ? Math.floor(spare / workerBytes) : spare < 0 ? 0 : wanted
      })
    )
  }
  const mapBytes = 4 * patients * voxels
  const least = compute.workers === "auto" ? 1 : wanted
  const planOf = (held: number, workers: number, scratch: ScratchPlace | undefined): GroupMemory => {
    const peakBytes = peakWith(held, workers)
    return { workers, peakBytes, limitBytes, spareBytes: usable - peakBytes, scratch }
  }
  const inMemory = fitting(mapBytes)
  if (inMemory >= Math.max(least, leastShareInMemory * wanted)) return planOf(mapBytes, inMemory, undefined)
  const onDisk = fitting(0)
  if (onDisk < least) {
    const neededBytes = peakWith(0, least) / (1 - predictionMargin)
    return yield* new NotEnoughMemoryForGroup({ neededBytes, limitBytes, workers: least })
  }
  const scratch = { folder: path.join(output.path, runFolder), bytes: scratchBytes(patients, voxels) }
  const freeBytes = yield* freeDiskBytes(scratch.folder)
  if (freeBytes !== undefined && freeBytes < scratch.bytes) {
    const memoryBytes = peakWith(mapBytes, Math.ceil(leastShareInMemory * wanted)) / (1 - predictionMargin)
    return yield* new NoRoomForScratch({ folder: output.path, neededBytes: scratch.bytes, freeBytes, memoryBytes })
  }
  return planOf(0, onDisk, scratch)
})

const largest = (phases: ReadonlyArray<GroupPhase>, workers: number): number =>
  Math.max(...phases.map(({ bytes, workerBytes }) => bytes + workers * workerBytes))

/** Of the voxels of the grid a count of patients, twice; of those that are kept their places, twice. */
const readingPhase = ({ grid }: Cohort, voxels: number): GroupPhase => ({
  name: "reading maps",
  bytes: 8 * voxelsOf(grid) + 8 * voxels,
  workerBytes: readerBytes(voxelsOf(grid), voxels)
})
