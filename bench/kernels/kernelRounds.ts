/**
 * Measures a slice of each kernel for each line on standard input: milliseconds a subject by kernel, on one thread.
 *
 * Each call is a slice of a few milliseconds: V8 starts with unoptimised code and swaps it between calls only.
 *
 *     node [--experimental-wasm-revectorize] bench/kernels/kernelRounds.ts
 */
import { readFile } from "node:fs/promises"
import {
  type Arithmetic,
  compileKernels,
  instantiateKernels,
  type KernelMemory,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  type WasmKernels
} from "../../src/kernels/WasmKernels.ts"
import { answerRounds } from "../rounds.ts"
import {
  type Buffers,
  blocks,
  lesions,
  makeBuffers,
  panels,
  seedBytes,
  subjectBytes,
  subjects,
  tilePanels,
  timePoints,
  voxels
} from "./headlineBuffers.ts"

/** Panels of a slice. */
const slicePanels = 320
const slices = Math.floor(voxels / PANEL_VOXELS / slicePanels)

interface Measured {
  readonly name: string
  /** One slice, given the number of the round. */
  readonly slice: (round: number) => void
  /** Slices that make up one subject. */
  readonly slicesASubject: number
}

/** The width of the vectors is V8's, by the flag that this process was started with. */
const kernelsOf = async (arithmetic: Arithmetic, memory: KernelMemory) => {
  const compiled = await compileKernels(arithmetic)
  return { kernels: instantiateKernels(compiled.module, memory), name: compiled.arithmetic }
}

const seedKernels = (kernels: WasmKernels, name: Arithmetic, at: Buffers): ReadonlyArray<Measured> => {
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
  const pack = (subject: number): number =>
    kernels.packSeeds(at.series, lesions, timePoints, at.seeds + subject * seedBytes, at.invalid)
  means(0, timePoints)
  for (let s = 0; s < subjects; s++) pack(s)
  return [
    {
      name: `${name}: lesionMeans`,
      slice: (round) => means((round * 30) % timePoints, 30),
      slicesASubject: timePoints / 30
    },
    { name: `${name}: packSeeds`, slice: (round) => pack(round % subjects), slicesASubject: 1 }
  ]
}

const voxelKernels = (kernels: WasmKernels, name: Arithmetic, at: Buffers): ReadonlyArray<Measured> => {
  const [sliceVoxels, tileVoxels] = [slicePanels * PANEL_VOXELS, tilePanels * PANEL_VOXELS]
  const tile = at.scratch + PRODUCT_BYTES
  const seedsOf = (round: number) => at.seeds + (round % subjects) * seedBytes
  return [
    {
      name: `${name}: packVoxels`,
      slice: (round) => {
        const source = at.raw + (round % subjects) * subjectBytes
        const first = (round % slices) * sliceVoxels
        for (let v = first; v < first + sliceVoxels; v += tileVoxels) {
          kernels.packVoxels(source, timePoints, voxels, v, tileVoxels, tile)
        }
      },
      slicesASubject: panels / slicePanels
    },
    {
      name: `${name}: correlateAndReduce (cached tile)`,
      slice: (round) => {
        for (let i = 0; i < slicePanels / tilePanels; i++) {
          kernels.correlateAndReduce(tile, tilePanels, seedsOf(round), timePoints, lesions, at.sums, at.scratch)
        }
      },
      slicesASubject: panels / slicePanels
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
      slicesASubject: panels / slicePanels / subjects
    }
  ]
}

interface ProductAlone {
  productAlone(panels: number, panelCount: number, seeds: number, blocks: number, timePoints: number, out: number): void
}

const { WebAssembly: engine } = globalThis as unknown as {
  WebAssembly: {
    instantiate: (bytes: Uint8Array, imports: object) => Promise<{ instance: { exports: ProductAlone } }>
  }
}

/** On the tile that `packVoxels` has left in the scratch. */
const productKernel = async (memory: KernelMemory, at: Buffers): Promise<Measured> => {
  const bytes = await readFile(new URL("../../src/kernels/assembly/build/productAlone.wasm", import.meta.url))
  const { productAlone } = (await engine.instantiate(bytes, { env: { memory } })).instance.exports
  return {
    name: "fast: product alone (cached tile)",
    slice: (round) => {
      const seeds = at.seeds + (round % subjects) * seedBytes
      for (let i = 0; i < slicePanels / tilePanels; i++) {
        productAlone(at.scratch + PRODUCT_BYTES, tilePanels, seeds, blocks, timePoints, at.products)
      }
    },
    slicesASubject: panels / slicePanels
  }
}

const { memory, at } = makeBuffers()
const measured: Array<Measured> = []
for (const arithmetic of ["fast", "strict"] as const) {
  const { kernels, name } = await kernelsOf(arithmetic, memory)
  measured.push(...seedKernels(kernels, name, at), ...voxelKernels(kernels, name, at))
}
measured.push(await productKernel(memory, at))

const millisecondsOf = ({ slice, slicesASubject }: Measured, round: number): number => {
  const start = performance.now()
  slice(round)
  return (performance.now() - start) * slicesASubject
}

let round = 0
await answerRounds(() => {
  round++
  return Object.fromEntries(measured.map((kernel) => [kernel.name, millisecondsOf(kernel, round)]))
})
