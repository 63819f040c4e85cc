/**
 * The part of a worker that applies functions of the user's to z: it correlates a range of voxel panels, calls the functions
 * on the z, a stretch of panels and a group of lesions at a time, and adds the changed z to the sums.
 *
 * The z of a stretch stays in the first-level cache, as do the sums that it is added to while the subjects follow one another. Free of
 * Effect, like the worker. Modules are imported once.
 */
import {
  applyTileFunction,
  importTileFunction,
  type TileFunction,
  type TileFunctionSource
} from "../elements/TileFunction.ts"
import type { KernelMemory } from "../kernels/kernelInstances.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  MAPPED_VALUES,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  type WasmKernels
} from "../kernels/WasmKernels.ts"
import type {
  ConnectivityTask,
  StoredConnectivityTask,
  TaskDone,
  TileFunctionFault,
  TileMapping
} from "./EngineTask.ts"

/** A worker's kernels and the memory that they compute in. */
export interface MapperPlace {
  readonly kernels: WasmKernels
  readonly memory: KernelMemory
  readonly invalidVoxels: number
  readonly scratch: number
}

type MappedTask = (ConnectivityTask | StoredConnectivityTask) & { readonly mapping: TileMapping }

/** What a task gives beyond the time that it took. */
type Outcome = Omit<TaskDone, "seconds">

/** Seed blocks that are taken together: as many as the fused kernels take. */
const blocksTogether = 8

/** A function of the user's, applied with its parameters. */
type Apply = (values: Float32Array) => void

export const makeTileMapper = (place: MapperPlace) => {
  const imported = new Map<string, Promise<TileFunction>>()

  const load = (source: TileFunctionSource): Promise<TileFunction> => {
    const key = `${source.module}\n${source.export}`
    const known = imported.get(key) ?? importTileFunction(source)
    imported.set(key, known)
    return known
  }

  /** Each function, or what is wrong with the first that is missing. */
  const loadAll = async (
    sources: ReadonlyArray<TileFunctionSource>
  ): Promise<ReadonlyArray<Apply> | TileFunctionFault> => {
    const loaded: Array<Apply> = []
    for (const [index, source] of sources.entries()) {
      try {
        const found = await load(source)
        loaded.push(guarded(index, (values) => applyTileFunction(found, values, source.parameters)))
      } catch (cause) {
        return faultOf("missing", index, cause)
      }
    }
    return loaded
  }

  return {
    /** Imports the functions, to find out whether they can be. */
    load: async (sources: ReadonlyArray<TileFunctionSource>): Promise<Outcome> => {
      const loaded = await loadAll(sources)
      return "kind" in loaded ? { invalid: [], fault: loaded } : { invalid: [] }
    },
    /** Adds the subjects of a task to the sums. */
    connect: async (task: MappedTask): Promise<Outcome> => {
      const loaded = await loadAll(task.mapping.functions)
      if ("kind" in loaded) return { invalid: [], fault: loaded }
      try {
        return connectMapped(place, task, loaded)
      } catch (cause) {
        if (cause instanceof Thrown) return { invalid: [], fault: cause.fault }
        throw cause
      }
    }
  }
}

/** Carries what a function of the user's threw out of the loops. */
class Thrown extends Error {
  readonly fault: TileFunctionFault

  constructor(fault: TileFunctionFault) {
    super(fault.message)
    this.fault = fault
  }
}

const guarded =
  (index: number, apply: Apply): Apply =>
  (values) => {
    try {
      apply(values)
    } catch (cause) {
      throw new Thrown(faultOf("failed", index, cause))
    }
  }

const faultOf = (kind: TileFunctionFault["kind"], index: number, cause: unknown): TileFunctionFault => {
  const { message, stack } = cause instanceof Error ? cause : new Error(String(cause))
  return { kind, index, message, stack }
}

/** Tile after tile: packs it for all subjects, then takes a stretch of it at a time. */
const connectMapped = (place: MapperPlace, task: MappedTask, functions: ReadonlyArray<Apply>): Outcome => {
  const { kernels, memory, scratch } = place
  const { subjects, timePoints, voxels, firstPanel, panels, tilePanels, lesions, degree } = task
  const panelBytes = timePoints * PANEL_VOXELS * Float32Array.BYTES_PER_ELEMENT
  const blocks = Math.ceil(lesions / BLOCK_LESIONS)
  const rowBytes = 2 * PANEL_VOXELS * BigInt64Array.BYTES_PER_ELEMENT
  const blockBytes = BLOCK_LESIONS * timePoints * Float32Array.BYTES_PER_ELEMENT
  const z = scratch + fusedScratchBytes(subjects, timePoints, tilePanels)
  const invalid = new Array<number>(subjects).fill(0)
  const unbounded = new Array<boolean>(subjects).fill(false)
  const tileAt = (subject: number) => scratch + PRODUCT_BYTES + subject * tilePanels * panelBytes
  const lastPanel = firstPanel + panels
  for (let tile = firstPanel; tile < lastPanel; tile += tilePanels) {
    const tileEnd = Math.min(lastPanel, tile + tilePanels)
    for (let s = 0; s < subjects; s++) {
      invalid[s]! += pack(kernels, task, s, tile, tileEnd - tile, tileAt(s))
      if (degree === undefined) continue
      const mean = degree.means + s * timePoints * Float32Array.BYTES_PER_ELEMENT
      const into = degree.sums + tile * PANEL_VOXELS * BigInt64Array.BYTES_PER_ELEMENT
      kernels.addDegree(tileAt(s), tileEnd - tile, timePoints, mean, into, scratch)
    }
    for (let block = 0; block < blocks; block += blocksTogether) {
      const group = Math.min(blocksTogether * BLOCK_LESIONS, lesions - block * BLOCK_LESIONS)
      const stretch = Math.max(1, Math.floor(MAPPED_VALUES / (group * PANEL_VOXELS)))
      for (let panel = tile; panel < tileEnd; panel += stretch) {
        const count = Math.min(stretch, tileEnd - panel)
        const values = new Float32Array(memory.buffer, z, count * group * PANEL_VOXELS)
        const sums = task.sums + (panel * blocks + block) * BLOCK_LESIONS * rowBytes
        for (let s = 0; s < subjects; s++) {
          const packed = tileAt(s) + (panel - tile) * panelBytes
          const seeds = task.seeds + (s * blocks + block) * blockBytes
          kernels.correlateToZ(packed, count, seeds, timePoints, group, z, scratch)
          for (const apply of functions) apply(values)
          const voxelsLeft = voxels - panel * PANEL_VOXELS
          const within = kernels.addZ(z, count, voxelsLeft, group, sums, blocks * BLOCK_LESIONS, task.mapping.largestZ)
          if (within === 0) unbounded[s] = true
        }
      }
    }
  }
  return { invalid, unbounded }
}

/** Packs some panels of a subject of the task; returns how many of their voxels are invalid. */
const pack = (
  kernels: WasmKernels,
  task: MappedTask,
  subject: number,
  panel: number,
  panels: number,
  into: number
): number => {
  const { timePoints, voxels } = task
  const first = panel * PANEL_VOXELS
  const count = Math.min(panels * PANEL_VOXELS, voxels - first)
  if (task.kind === "connectivity") {
    const source = task.values + subject * timePoints * voxels * Float32Array.BYTES_PER_ELEMENT
    return kernels.packVoxels(source, timePoints, voxels, first, count, into)
  }
  const { bytes, panelBytes, sd, step } = task.layout
  const source = task.subject + subject * bytes
  const ofVoxels = first * Float32Array.BYTES_PER_ELEMENT
  return kernels.unpackStored(
    source + panel * panelBytes,
    panelBytes,
    timePoints,
    source + sd + ofVoxels,
    step === undefined ? 0 : source + step + ofVoxels,
    panels,
    count,
    into
  )
}
