/**
 * Speed of the WebAssembly kernels on one thread, for the headline shape: 96 lesions, 120 time points, 50,000 voxels.
 *
 * Prints milliseconds a subject, GFLOP/s of the product (2·L·T·V FLOP a subject) and its share of the machine's peak of
 * 128-bit multiply-adds, measured in the same rounds. The rounds of all kernels are interleaved and the best of each is
 * the reading, so that load from elsewhere and a changing clock hit all alike.
 * Each call is a slice of a few milliseconds: V8 starts with unoptimised code and swaps it between calls only.
 *
 *     node bench/kernels/kernels.ts [rounds]
 */
import { readFile } from "node:fs/promises"
import {
  type Arithmetic,
  BLOCK_LESIONS,
  compileKernels,
  fusedScratchBytes,
  instantiateKernels,
  type KernelMemory,
  makeKernelMemory,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  RESERVED_BYTES,
  seedMeansScratchBytes,
  type WasmKernels
} from "../../src/kernels/WasmKernels.ts"

const lesions = 96
const timePoints = 120
const voxels = 50_000
/** Subjects of a chunk, and panels of a tile, that the fused kernel is measured with. */
const subjects = 4
const tilePanels = 16
/** Panels of a slice. */
const slicePanels = 320
/** Voxels of a lesion and of a run: 16 mL of 2 mm voxels, compact. */
const lesionVoxels = 2_000
const runVoxels = 10
/** Voxels from one run of a lesion to the next: a row of the brain mask. */
const runPitch = 60
/** Steps of one slice of the peak. */
const peakSteps = 100_000

const blocks = Math.ceil(lesions / BLOCK_LESIONS)
const panels = Math.ceil(voxels / PANEL_VOXELS)
const slices = Math.floor(voxels / PANEL_VOXELS / slicePanels)
const subjectBytes = timePoints * voxels * 4
const storedBytes = timePoints * voxels * 2
const seedBytes = blocks * timePoints * BLOCK_LESIONS * 4
const gigaFlopASubject = (2 * lesions * timePoints * voxels) / 1e9

const sizes = {
  raw: subjects * subjectBytes,
  stored: subjects * storedBytes,
  sd: voxels * 4,
  step: voxels * 4,
  panels: panels * 4,
  voxels: lesions * lesionVoxels * 4,
  ends: (lesions + 1) * 4,
  weights: lesions * lesionVoxels * 4,
  scales: lesions * 8,
  series: lesions * timePoints * 8,
  seeds: subjects * seedBytes,
  sums: panels * blocks * BLOCK_LESIONS * PANEL_VOXELS * 16,
  invalid: Math.max(lesions, subjects) * 4,
  scratch: Math.max(fusedScratchBytes(subjects, timePoints, tilePanels), seedMeansScratchBytes(lesions))
}
type Buffers = Record<keyof typeof sizes, number>

const layOut = (): { at: Buffers; bytes: number } => {
  let bytes = RESERVED_BYTES
  const at = {} as Buffers
  for (const name of Object.keys(sizes) as Array<keyof Buffers>) {
    at[name] = bytes
    bytes += Math.ceil(sizes[name] / 128) * 128
  }
  return { at, bytes }
}

/** Numbers that go with the buffers. */
interface Tables {
  readonly panelCount: number
}

/** Raw BOLD of mean 10,000 and standard deviation 100, white; lesions compact, anywhere. Mulberry32, seeded. */
const fill = (memory: KernelMemory, at: Buffers): Tables => {
  let state = 1
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
  const raw = new Float32Array(memory.buffer, at.raw, sizes.raw / 4)
  for (let i = 0; i < raw.length; i++) raw[i] = 10_000 + 346 * (uniform() - 0.5)
  const stored = new Int16Array(memory.buffer, at.stored, sizes.stored / 2)
  for (let i = 0; i < stored.length; i++) stored[i] = 65_535 * (uniform() - 0.5)
  new Float32Array(memory.buffer, at.sd, voxels).fill(100)
  new Float32Array(memory.buffer, at.step, voxels).fill(1 / 18_918)
  const members = new Int32Array(memory.buffer, at.voxels, lesions * lesionVoxels)
  const runsALesion = lesionVoxels / runVoxels
  for (let l = 0; l < lesions; l++) {
    const first = Math.floor(uniform() * (voxels - runsALesion * runPitch))
    for (let i = 0; i < runsALesion; i++) {
      const start = first + i * runPitch + Math.floor(uniform() * (runPitch - runVoxels))
      for (let v = 0; v < runVoxels; v++) members[l * lesionVoxels + i * runVoxels + v] = start + v
    }
  }
  const ends = new Int32Array(memory.buffer, at.ends, lesions + 1)
  for (let l = 0; l <= lesions; l++) ends[l] = l * lesionVoxels
  const touched = [...new Set(members.map((voxel) => Math.floor(voxel / PANEL_VOXELS)))].sort((a, b) => a - b)
  new Int32Array(memory.buffer, at.panels, panels).set(touched)
  new Float32Array(memory.buffer, at.weights, lesions * lesionVoxels).fill(1)
  new Float64Array(memory.buffer, at.scales, lesions).fill(1 / lesionVoxels)
  return { panelCount: touched.length }
}

interface Measured {
  readonly name: string
  /** One slice, given the number of the round. */
  readonly slice: (round: number) => void
  /** Slices that make up one subject. */
  readonly slicesASubject: number
  /** Whether it does the product, so that GFLOP/s mean something. */
  readonly product: boolean
}

const kernelsToMeasure = (
  kernels: WasmKernels,
  name: Arithmetic,
  at: Buffers,
  { panelCount }: Tables
): ReadonlyArray<Measured> => {
  const sliceVoxels = slicePanels * PANEL_VOXELS
  const tileVoxels = tilePanels * PANEL_VOXELS
  const means = (subject: number): void =>
    kernels.lesionMeans(
      at.raw + subject * subjectBytes,
      timePoints,
      voxels,
      0,
      timePoints,
      at.panels,
      panelCount,
      at.voxels,
      at.weights,
      at.ends,
      at.scales,
      lesions,
      at.series,
      at.scratch
    )
  const storedMeans = (subject: number): void =>
    kernels.storedMeans(
      at.stored + subject * storedBytes,
      timePoints * PANEL_VOXELS * 2,
      timePoints,
      at.sd,
      at.step,
      0,
      timePoints,
      at.panels,
      panelCount,
      at.voxels,
      at.weights,
      at.ends,
      at.scales,
      lesions,
      at.series,
      at.scratch
    )
  const pack = (subject: number, firstVoxel: number): void => {
    const source = at.raw + subject * subjectBytes
    for (let v = firstVoxel; v < firstVoxel + sliceVoxels; v += tileVoxels) {
      kernels.packVoxels(source, timePoints, voxels, v, tileVoxels, at.scratch + PRODUCT_BYTES)
    }
  }
  const seeds = (subject: number): number =>
    kernels.packSeeds(at.series, lesions, timePoints, at.seeds + subject * seedBytes, at.invalid)
  means(0)
  for (let s = 0; s < subjects; s++) seeds(s)
  const tiles = slicePanels / tilePanels
  return [
    { name: `${name}: lesionMeans`, slice: (round) => means(round % subjects), slicesASubject: 1, product: false },
    {
      name: `${name}: storedMeans`,
      slice: (round) => storedMeans(round % subjects),
      slicesASubject: 1,
      product: false
    },
    { name: `${name}: packSeeds`, slice: (round) => seeds(round % subjects), slicesASubject: 1, product: false },
    {
      name: `${name}: packVoxels`,
      slice: (round) => pack(round % subjects, (round % slices) * sliceVoxels),
      slicesASubject: panels / slicePanels,
      product: false
    },
    {
      name: `${name}: correlateAndReduce (cached tile)`,
      slice: (round) => {
        const from = at.scratch + PRODUCT_BYTES
        const seed = at.seeds + (round % subjects) * seedBytes
        for (let i = 0; i < tiles; i++) {
          kernels.correlateAndReduce(from, tilePanels, seed, timePoints, lesions, at.sums, at.scratch)
        }
      },
      slicesASubject: panels / slicePanels,
      product: true
    },
    {
      name: `${name}: fusedTile (pack and all)`,
      slice: (round) =>
        kernels.fusedTile(
          at.raw,
          subjects,
          timePoints,
          voxels,
          (round % slices) * slicePanels,
          slicePanels,
          tilePanels,
          at.seeds,
          lesions,
          at.sums,
          at.invalid,
          at.scratch
        ),
      slicesASubject: panels / slicePanels / subjects,
      product: true
    }
  ]
}

const peakModule = async (memory: KernelMemory): Promise<(steps: number, x: number) => number> => {
  const url = new URL("../../src/kernels/assembly/build/peakFma.wasm", import.meta.url)
  const { WebAssembly: engine } = globalThis as unknown as {
    WebAssembly: {
      instantiate: (
        bytes: Uint8Array,
        imports: object
      ) => Promise<{ instance: { exports: { peakFma: (steps: number, x: number) => number } } }>
    }
  }
  return (await engine.instantiate(await readFile(url), { env: { memory } })).instance.exports.peakFma
}

const seconds = (f: () => void): number => {
  const start = performance.now()
  f()
  return (performance.now() - start) / 1000
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const main = async (rounds: number): Promise<void> => {
  const { at, bytes } = layOut()
  const memory = makeKernelMemory(bytes)
  const tables = fill(memory, at)
  const peak = await peakModule(memory)
  const measured: Array<Measured> = []
  for (const arithmetic of ["fast", "strict"] as const) {
    const compiled = await compileKernels(arithmetic)
    measured.push(...kernelsToMeasure(instantiateKernels(compiled.module, memory), compiled.arithmetic, at, tables))
  }
  const peakTimes: Array<number> = []
  const times = measured.map((): Array<number> => [])
  for (let round = -10; round < rounds; round++) {
    const warm = round < 0
    const peakTime = seconds(() => peak(peakSteps, 1e-3))
    if (!warm) peakTimes.push(peakTime)
    measured.forEach((kernel, i) => {
      const time = seconds(() => kernel.slice(round + 10)) * kernel.slicesASubject
      if (!warm) times[i]!.push(time)
    })
    // Lets the optimising compiler's threads finish and V8 swap its code in.
    if (warm) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const peakGigaFlops = (96 * peakSteps) / 1e9 / Math.min(...peakTimes)
  console.log(`${lesions} lesions, ${timePoints} time points, ${voxels} voxels, one thread, best of ${rounds} (median)`)
  console.log(`peak of 128-bit multiply-adds: ${peakGigaFlops.toFixed(1)} GFLOP/s`)
  measured.forEach((kernel, i) => {
    const best = Math.min(...times[i]!)
    const rate = gigaFlopASubject / best
    const share = `${rate.toFixed(1)} GFLOP/s, ${((100 * rate) / peakGigaFlops).toFixed(0)} % of peak`
    console.log(
      `${kernel.name.padEnd(42)} ${(best * 1000).toFixed(2).padStart(7)} ms a subject (${(median(times[i]!) * 1000).toFixed(2)})  ${kernel.product ? share : ""}`
    )
  })
}

await main(Number(process.argv[2] ?? 200))
