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
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { instantiateKernels, type KernelMemory, makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  RESERVED_BYTES,
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
const runs = (lesions * lesionVoxels) / runVoxels
const subjectBytes = timePoints * voxels * 4
const seedBytes = blocks * timePoints * BLOCK_LESIONS * 4
const gigaFlopASubject = (2 * lesions * timePoints * voxels) / 1e9

const sizes = {
  raw: subjects * subjectBytes,
  runs: runs * 8,
  runEnds: (lesions + 1) * 4,
  weights: lesions * lesionVoxels * 4,
  scales: lesions * 8,
  series: lesions * timePoints * 8,
  seeds: subjects * seedBytes,
  sums: panels * blocks * BLOCK_LESIONS * PANEL_VOXELS * 16,
  invalid: Math.max(lesions, subjects) * 4,
  /** Where panels of a store are unpacked to, apart from those that are correlated. */
  unpacked: tilePanels * timePoints * PANEL_VOXELS * 4,
  scratch: fusedScratchBytes(subjects, timePoints, tilePanels)
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

/** Raw BOLD of mean 10,000 and standard deviation 100, white; lesions compact, anywhere. Mulberry32, seeded. */
const fill = (memory: KernelMemory, at: Buffers): void => {
  let state = 1
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
  const raw = new Float32Array(memory.buffer, at.raw, sizes.raw / 4)
  for (let i = 0; i < raw.length; i++) raw[i] = 10_000 + 346 * (uniform() - 0.5)
  const run = new Int32Array(memory.buffer, at.runs, runs * 2)
  const runsALesion = lesionVoxels / runVoxels
  for (let l = 0; l < lesions; l++) {
    const first = Math.floor(uniform() * (voxels - runsALesion * runPitch))
    for (let i = 0; i < runsALesion; i++) {
      const at = 2 * (l * runsALesion + i)
      run[at] = first + i * runPitch + Math.floor(uniform() * (runPitch - runVoxels))
      run[at + 1] = runVoxels
    }
  }
  const ends = new Int32Array(memory.buffer, at.runEnds, lesions + 1)
  for (let l = 0; l <= lesions; l++) ends[l] = (l * runs) / lesions
  new Float32Array(memory.buffer, at.weights, lesions * lesionVoxels).fill(1)
  new Float64Array(memory.buffer, at.scales, lesions).fill(1 / lesionVoxels)
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

const kernelsToMeasure = (kernels: WasmKernels, name: string, at: Buffers): ReadonlyArray<Measured> => {
  const sliceVoxels = slicePanels * PANEL_VOXELS
  const tileVoxels = tilePanels * PANEL_VOXELS
  const means = (first: number, times: number): void =>
    kernels.lesionMeans(
      at.raw,
      timePoints,
      voxels,
      first,
      times,
      at.runs,
      at.runEnds,
      at.weights,
      at.scales,
      lesions,
      at.series
    )
  const pack = (subject: number, firstVoxel: number): void => {
    const source = at.raw + subject * subjectBytes
    for (let v = firstVoxel; v < firstVoxel + sliceVoxels; v += tileVoxels) {
      kernels.packVoxels(source, timePoints, voxels, v, tileVoxels, at.scratch + PRODUCT_BYTES)
    }
  }
  const seeds = (subject: number): number =>
    kernels.packSeeds(at.series, lesions, timePoints, at.seeds + subject * seedBytes, at.invalid)
  means(0, timePoints)
  for (let s = 0; s < subjects; s++) seeds(s)
  const tiles = slicePanels / tilePanels
  return [
    {
      name: `${name}: lesionMeans`,
      slice: (round) => means((round * 30) % timePoints, 30),
      slicesASubject: timePoints / 30,
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
      name: `${name}: unpackStored`,
      slice: (round) => {
        const source = at.raw + (round % subjects) * subjectBytes
        for (let p = 0; p < slicePanels; p += tilePanels) {
          const from = source + ((round % slices) * slicePanels + p) * timePoints * 16
          kernels.unpackStored(
            from,
            timePoints * 16,
            timePoints,
            at.seeds,
            at.seeds,
            tilePanels,
            tileVoxels,
            at.unpacked
          )
        }
      },
      slicesASubject: panels / slicePanels,
      product: false
    },
    {
      name: `${name}: wordSums`,
      slice: (round) => kernels.wordSums(at.raw + (round % 8) * (subjectBytes >> 1), subjectBytes / 8, at.scratch),
      slicesASubject: 1,
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
  fill(memory, at)
  const peak = await peakModule(memory)
  const measured: Array<Measured> = []
  for (const arithmetic of ["fast", "strict"] as const) {
    for (const wanted of [128, 256] as const) {
      const { module, vectors, narrowBecause } = await compileKernels({ arithmetic, vectors: wanted })
      if (narrowBecause !== undefined) console.log(`${arithmetic}, ${wanted} bits: ${narrowBecause}`)
      measured.push(...kernelsToMeasure(instantiateKernels(module, memory), `${arithmetic} ${vectors}`, at))
    }
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
