/**
 * A worker of the engine: takes one task after another, answers each with one reply. Free of Effect, so that it starts
 * quickly and stays small. It holds no state but the readers that it has loaded, and memory that maps are made in.
 */
import { parentPort, workerData } from "node:worker_threads"
import type { ReadBlock } from "../connectome/ReadBlock.ts"
import { sources } from "../connectome/sources.ts"
import { readStoredFile, type Summation } from "../connectome/store/storedFiles.ts"
import { addToSeedMatrix } from "../kernels/addToSeedMatrix.ts"
import { firstComponent } from "../kernels/firstComponent.ts"
import { meanOfSums } from "../kernels/globalSignal.ts"
import { instantiateKernels, type KernelMemory } from "../kernels/kernelInstances.ts"
import type { LesionSums } from "../kernels/LesionSums.ts"
import { lesionStatistics } from "../kernels/lesionStatistics.ts"
import { scaleRuns } from "../kernels/scaleRuns.ts"
import { blankNotFinite } from "../kernels/seriesValidity.ts"
import { standardise } from "../kernels/standardise.ts"
import { spanScratch, takeOutSeeds } from "../kernels/takeOutSeeds.ts"
import { statisticMaps } from "../output/statisticMaps.ts"
import { transfersOf } from "../runtime/transfersOf.ts"
import type { Reply } from "../runtime/WorkerPool.ts"
import type {
  BlankTask,
  ComponentTask,
  ConnectivityTask,
  EngineTask,
  ImagesTask,
  LesionVoxelsTask,
  LoadFunctionsTask,
  PackTask,
  PartialTask,
  ReadStoredTask,
  ReadTask,
  ScaleRunsTask,
  SeedMatrixTask,
  SeedTask,
  StandardiseTask,
  StatisticsTask,
  StoredConnectivityTask,
  StoredLesionVoxelsTask,
  StoredSeedTask,
  TaskDone,
  WorkerStart
} from "./EngineTask.ts"
import { makeTileMapper } from "./tileMapper.ts"

const start = workerData as WorkerStart
const memory = start.memory as KernelMemory
const kernels = instantiateKernels(start.module, memory)
const mapper = makeTileMapper({ ...start, kernels, memory })

/** Readers that have been needed, by the name of their source. */
const readers = new Map<string, ReadBlock>()

const readerOf = async (name: string): Promise<ReadBlock> => {
  const known = readers.get(name)
  if (known !== undefined) return known
  const loadReader = sources.find((source) => source.name === name)?.loadReader
  if (loadReader === undefined) throw new Error(`no source called ${name} can be read in parts`)
  const { readBlock } = await loadReader()
  readers.set(name, readBlock)
  return readBlock
}

const read = async ({ reader, block, subjects }: ReadTask): Promise<ReadonlyArray<number>> => {
  const readBlock = await readerOf(reader)
  await readBlock(
    block,
    subjects.map(({ address, length }) => new Float32Array(memory.buffer, address, length))
  )
  return []
}

const seed = (task: SeedTask) => {
  const { values, timePoints, firstTime, times, lesions, tables, series, global = noGlobal } = task
  const { panels, panelCount, voxels, weights, ends, scales } = tables
  kernels.lesionMeans(
    values,
    timePoints,
    task.voxels,
    firstTime,
    times,
    panels,
    panelCount,
    voxels,
    weights,
    ends,
    scales,
    lesions,
    series,
    start.scratch,
    global.firstBand,
    global.lastBand,
    global.sums,
    task.wide
  )
  return [notFiniteIn(task)]
}

const noGlobal = { sums: 0, firstBand: 0, lastBand: 0 }

/** Values that are not finite among those that a seed task has written. */
const notFiniteIn = ({ series, lesions, timePoints, firstTime, times }: SeedTask | StoredSeedTask): number => {
  const values = new Float64Array(memory.buffer, series, lesions * timePoints)
  let count = 0
  for (let from = firstTime; from < values.length; from += timePoints) {
    for (let i = from; i < from + times; i++) if (!Number.isFinite(values[i]!)) count++
  }
  return count
}

const blank = ({ values, timePoints, voxels, firstVoxel, lastVoxel }: BlankTask): Outcome => {
  const timeSeries = new Float32Array(memory.buffer, values, timePoints * voxels)
  const notFiniteAt = new Uint32Array(timePoints)
  const spoilt = new Uint8Array(lastVoxel - firstVoxel)
  const count = blankNotFinite(timeSeries, timePoints, voxels, firstVoxel, lastVoxel, spoilt, notFiniteAt)
  return { invalid: [count], notFiniteAt }
}

const scaleRunsOf = ({ values, voxels, runs, firstVoxel, lastVoxel }: ScaleRunsTask) => {
  const timePoints = runs.reduce((sum, length) => sum + length, 0)
  const timeSeries = new Float32Array(memory.buffer, values, timePoints * voxels)
  scaleRuns({ values: timeSeries, voxels, runs }, firstVoxel, lastVoxel)
  return []
}

const pack = ({ subjects, lesions, timePoints, invalidSeeds, globals }: PackTask): ReadonlyArray<number> => {
  for (const { sums, mean } of globals) {
    const added = new BigInt64Array(memory.buffer, sums, timePoints + 1)
    meanOfSums(added, new Float32Array(memory.buffer, mean, timePoints))
  }
  return subjects.map(({ series, blocks }) => kernels.packSeeds(series, lesions, timePoints, blocks, invalidSeeds))
}

const connectivity = (task: ConnectivityTask): ReadonlyArray<number> => {
  const invalid = new Int32Array(memory.buffer, start.invalidVoxels, task.subjects).fill(0)
  kernels.fusedTile(
    task.values,
    task.subjects,
    task.timePoints,
    task.voxels,
    task.firstPanel,
    task.panels,
    task.tilePanels,
    task.seeds,
    task.lesions,
    task.sums,
    start.invalidVoxels,
    start.scratch,
    task.degree?.means ?? 0,
    task.degree?.sums ?? 0
  )
  return [...invalid]
}

/** The sums lie in this worker's scratch, which no task uses beyond its end. */
const summation: Summation = {
  addWords: (piece, sums) =>
    kernels.wordSums(piece.byteOffset, piece.byteLength / Uint32Array.BYTES_PER_ELEMENT, sums.byteOffset),
  sums: new BigUint64Array(memory.buffer, start.scratch, 2)
}

const readStored = ({ file, address }: ReadStoredTask) => {
  readStoredFile(file, new Uint8Array(memory.buffer, address, file.bytes), summation)
  return []
}

const storedSeed = (task: StoredSeedTask) => {
  const { subject, layout, timePoints, firstTime, times, tables, lesions, series } = task
  const { panels, panelCount, voxels, weights, ends, scales } = tables
  kernels.storedMeans(
    subject,
    layout.panelBytes,
    timePoints,
    subject + layout.sd,
    layout.step === undefined ? 0 : subject + layout.step,
    firstTime,
    times,
    panels,
    panelCount,
    voxels,
    weights,
    ends,
    scales,
    lesions,
    series,
    start.scratch,
    task.panels,
    task.global ?? 0,
    task.wide
  )
  return [notFiniteIn(task)]
}

const storedConnectivity = (task: StoredConnectivityTask): ReadonlyArray<number> => {
  const invalid = new Int32Array(memory.buffer, start.invalidVoxels, task.subjects).fill(0)
  const { bytes, panelBytes, sd, step = 0 } = task.layout
  kernels.storedTile(
    task.subject,
    bytes,
    panelBytes,
    sd,
    step,
    task.subjects,
    task.timePoints,
    task.voxels,
    task.firstPanel,
    task.panels,
    task.tilePanels,
    task.seeds,
    task.lesions,
    task.sums,
    start.invalidVoxels,
    start.scratch,
    task.degree?.means ?? 0,
    task.degree?.sums ?? 0
  )
  return [...invalid]
}

const lesionVoxels = ({ values, voxels, timePoints, tables, series, firstLesion, lesions, row }: LesionVoxelsTask) => {
  kernels.correlateLesionVoxels(
    values,
    timePoints,
    voxels,
    tables.panels,
    tables.panelCount,
    tables.voxels,
    tables.ends,
    series,
    firstLesion,
    lesions,
    row,
    start.scratch
  )
  return []
}

const storedLesionVoxels = (task: StoredLesionVoxelsTask) => {
  const { subject, layout, timePoints, tables, series, firstLesion, lesions, row } = task
  kernels.storedLesionVoxels(
    subject,
    layout.panelBytes,
    layout.step === undefined ? 0 : 1,
    timePoints,
    tables.panels,
    tables.panelCount,
    tables.voxels,
    tables.ends,
    series,
    firstLesion,
    lesions,
    row,
    start.scratch
  )
  return []
}

const standardiseSeeds = ({ series, seeds, timePoints }: StandardiseTask) => {
  const values = new Float64Array(memory.buffer, series, seeds * timePoints)
  for (let seed = 0; seed < seeds; seed++) standardise(values, seed * timePoints, timePoints)
  return []
}

/** The scratch is this worker's, which no task uses beyond its end. */
const partial = ({ series, seeds, timePoints, runs, kept }: PartialTask): Outcome => {
  const shares = new Float64Array(seeds)
  const steps = takeOutSeeds({
    series: new Float64Array(memory.buffer, series, seeds * timePoints),
    scratch: new Float64Array(memory.buffer, start.scratch, spanScratch(seeds)),
    ...{ seeds, timePoints, runs, kept, shares }
  })
  while (steps.next().done !== true) {}
  return { invalid: [], shares }
}

const pairs = ({ series, seeds, timePoints, firstRow, lastRow, sums }: SeedMatrixTask) => {
  const sumZ = new BigInt64Array(memory.buffer, sums, seeds * seeds)
  for (const address of series) {
    const values = new Float64Array(memory.buffer, address, seeds * timePoints)
    addToSeedMatrix(values, seeds, timePoints, firstRow, lastRow, sumZ)
  }
  return []
}

const sumsOf = ({ values, sums }: Pick<StatisticsTask, "values" | "sums">): LesionSums => ({
  ...sums,
  values: "address" in values ? new BigInt64Array(memory.buffer, values.address, values.length) : values
})

/** What makes files of maps is loaded when maps are made. */
const images = async (task: ImagesTask): Promise<Outcome> => {
  const { lesionImages } = await import("./lesionImages.ts")
  return { invalid: [], images: lesionImages(task, sumsOf(task)) }
}

/** What a task gives beyond the time that it took. */
type Outcome = Omit<TaskDone, "seconds">

const perform = async (task: EngineTask): Promise<Outcome> => {
  if (task.kind === "statistics") return { invalid: [], maps: lesionStatistics(sumsOf(task), statisticMaps) }
  if (task.kind === "images") return images(task)
  if (task.kind === "component") {
    const values = new Int32Array(memory.buffer, task.values, task.length)
    return { invalid: [], loadings: firstComponent({ ...task.matrix, values }) }
  }
  if (task.kind === "blank") return blank(task)
  if (task.kind === "partial") return partial(task)
  if (task.kind === "loadFunctions") return mapper.load(task.functions)
  if ("mapping" in task && task.mapping !== undefined) return mapper.connect({ ...task, mapping: task.mapping })
  return { invalid: await count(task) }
}

/** Runs a task on the shared memory and returns its counts of invalid series. */
const count = (
  task: Exclude<EngineTask, StatisticsTask | ImagesTask | ComponentTask | BlankTask | PartialTask | LoadFunctionsTask>
): ReadonlyArray<number> | Promise<ReadonlyArray<number>> => {
  switch (task.kind) {
    case "read":
      return read(task)
    case "seed":
      return seed(task)
    case "scaleRuns":
      return scaleRunsOf(task)
    case "pack":
      return pack(task)
    case "connectivity":
      return connectivity(task)
    case "readStored":
      return readStored(task)
    case "storedSeed":
      return storedSeed(task)
    case "storedConnectivity":
      return storedConnectivity(task)
    case "lesionVoxels":
      return lesionVoxels(task)
    case "storedLesionVoxels":
      return storedLesionVoxels(task)
    case "standardise":
      return standardiseSeeds(task)
    case "pairs":
      return pairs(task)
  }
}

const work = async (task: EngineTask): Promise<Reply<TaskDone>> => {
  const startedAt = performance.now()
  try {
    const outcome = await perform(task)
    return { ok: true, done: { ...outcome, seconds: (performance.now() - startedAt) / 1000 } }
  } catch (cause) {
    const { message, stack } = cause instanceof Error ? cause : new Error(String(cause))
    return { ok: false, error: { message, stack } }
  }
}

/** The memory of files, which changes hands. */
const filesOf = ({ images }: TaskDone): ReadonlyArray<ArrayBuffer> =>
  images === undefined ? [] : images.files.map(({ bytes }) => bytes.buffer)

parentPort!.on("message", async (task: EngineTask) => {
  const reply = await work(task)
  parentPort!.postMessage(reply, reply.ok ? [...transfersOf(reply.done.maps ?? {}), ...filesOf(reply.done)] : [])
})
