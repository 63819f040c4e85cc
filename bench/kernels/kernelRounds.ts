/**
 * Measures a slice of each kernel, in both widths, for each line on standard input: milliseconds a subject by kernel, on one thread.
 *
 * Each call is a slice of a few milliseconds: V8 starts with unoptimised code and swaps it between calls only.
 *
 *     node bench/kernels/kernelRounds.ts
 */
import { readFile } from "node:fs/promises"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { instantiateKernels, type KernelMemory, webAssembly } from "../../src/kernels/kernelInstances.ts"
import {
  BAND_VOXELS,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  type VectorBits,
  type WasmKernels
} from "../../src/kernels/WasmKernels.ts"
import { compileWide } from "../../src/kernels/wideVectors.ts"
import { answerRounds } from "../rounds.ts"
import {
  type Buffers,
  blocks,
  lesions,
  makeBuffers,
  panels,
  seedBytes,
  storedBytes,
  subjectBytes,
  subjects,
  tilePanels,
  timePoints,
  voxels
} from "./headlineBuffers.ts"

/** Panels of a slice. */
const slicePanels = 320
const slices = Math.floor(voxels / PANEL_VOXELS / slicePanels)
/** Of one that does several subjects, so that it takes no longer. */
const fusedPanels = slicePanels / subjects

const storedPanelBytes = timePoints * PANEL_VOXELS * Int16Array.BYTES_PER_ELEMENT
const { memory, at, panelCount } = makeBuffers()

interface Measured {
  readonly name: string
  /** One slice, given the number of the round. */
  readonly slice: (round: number) => void
  /** Slices that make up one subject. */
  readonly slicesASubject: number
}

const seedKernels = (kernels: WasmKernels, name: string, at: Buffers): ReadonlyArray<Measured> => {
  const ofLesions = [at.panels, panelCount, at.voxels, at.weights, at.ends, at.scales, lesions, at.series] as const
  const allBands = [0, Math.ceil(voxels / BAND_VOXELS)] as const
  const rawMeans = (subject: number, global = 0): void => {
    const source = at.raw + subject * subjectBytes
    kernels.lesionMeans(source, timePoints, voxels, 0, timePoints, ...ofLesions, at.scratch, ...allBands, global, false)
  }
  const storedMeans = (subject: number, global = 0): void =>
    kernels.storedMeans(
      at.stored + subject * storedBytes,
      storedPanelBytes,
      timePoints,
      at.sd,
      at.step,
      0,
      timePoints,
      ...ofLesions,
      at.scratch,
      panels,
      global,
      false
    )
  const pack = (subject: number): number =>
    kernels.packSeeds(at.series, lesions, timePoints, at.seeds + subject * seedBytes, at.invalid)
  rawMeans(0)
  for (let s = 0; s < subjects; s++) pack(s)
  return [
    { name: `${name}: lesionMeans`, slice: (round) => rawMeans(round % subjects), slicesASubject: 1 },
    {
      name: `${name}: lesionMeans, global signal`,
      slice: (n) => rawMeans((n + 2) % subjects, at.global),
      slicesASubject: 1
    },
    {
      name: `${name}: storedMeans, global signal`,
      slice: (n) => storedMeans((n + 2) % subjects, at.global),
      slicesASubject: 1
    },
    { name: `${name}: storedMeans`, slice: (round) => storedMeans(round % subjects), slicesASubject: 1 },
    { name: `${name}: packSeeds`, slice: (round) => pack(round % subjects), slicesASubject: 1 }
  ]
}

const voxelKernels = (kernels: WasmKernels, name: string, at: Buffers): ReadonlyArray<Measured> => {
  const [sliceVoxels, tileVoxels] = [slicePanels * PANEL_VOXELS, tilePanels * PANEL_VOXELS]
  const tile = at.scratch + PRODUCT_BYTES
  const fused = (round: number, degree: number): void =>
    kernels.fusedTile(
      at.raw,
      subjects,
      timePoints,
      voxels,
      (round % slices) * slicePanels,
      fusedPanels,
      tilePanels,
      at.seeds,
      lesions,
      at.sums,
      at.invalid,
      at.scratch,
      at.means,
      degree
    )
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
      name: `${name}: unpackStored`,
      slice: (round) => {
        const source = at.stored + (round % subjects) * storedBytes + (round % slices) * slicePanels * storedPanelBytes
        for (let p = 0; p < slicePanels; p += tilePanels) {
          const from = source + p * storedPanelBytes
          kernels.unpackStored(from, storedPanelBytes, timePoints, at.sd, at.step, tilePanels, tileVoxels, at.unpacked)
        }
      },
      slicesASubject: panels / slicePanels
    },
    {
      name: `${name}: wordSums`,
      slice: (round) => kernels.wordSums(at.raw + (round % 8) * (subjectBytes >> 1), subjectBytes / 8, at.products),
      slicesASubject: 1
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
      slice: (round) => fused(round, 0),
      slicesASubject: panels / fusedPanels / subjects
    },
    {
      name: `${name}: fusedTile, degree`,
      // Another slice than the one before, which the cache still holds.
      slice: (round) => fused(round + (slices >> 1), at.degree),
      slicesASubject: panels / fusedPanels / subjects
    }
  ]
}

interface ProductAlone {
  productAlone(panels: number, panelCount: number, seeds: number, blocks: number, timePoints: number, out: number): void
}

/** On the tile that `packVoxels` has left in the scratch. */
const productKernel = async (vectors: VectorBits, memory: KernelMemory, at: Buffers): Promise<Measured> => {
  const url = new URL(`../../src/kernels/assembly/build/productAlone-${vectors}.wasm`, import.meta.url)
  const bytes = await readFile(url)
  const module = vectors === 256 ? compileWide(bytes) : await webAssembly.compile(bytes)
  const { productAlone } = new webAssembly.Instance(module, { env: { memory } }).exports as unknown as ProductAlone
  return {
    name: `${vectors} fast: product alone (cached tile)`,
    slice: (round) => {
      const seeds = at.seeds + (round % subjects) * seedBytes
      for (let i = 0; i < slicePanels / tilePanels; i++) {
        productAlone(at.scratch + PRODUCT_BYTES, tilePanels, seeds, blocks, timePoints, at.products)
      }
    },
    slicesASubject: panels / slicePanels
  }
}

/** Nothing where this machine has no such vectors. */
const kernelsOf = async (vectors: VectorBits, memory: KernelMemory, at: Buffers): Promise<ReadonlyArray<Measured>> => {
  const measured: Array<Measured> = []
  for (const arithmetic of ["fast", "strict"] as const) {
    const compiled = await compileKernels({ arithmetic, vectors })
    if (compiled.vectors !== vectors) return []
    const kernels = instantiateKernels(compiled.module, memory)
    const name = `${vectors} ${compiled.arithmetic}`
    measured.push(...seedKernels(kernels, name, at), ...voxelKernels(kernels, name, at))
  }
  return [...measured, await productKernel(vectors, memory, at)]
}

const measured = [...(await kernelsOf(128, memory, at)), ...(await kernelsOf(256, memory, at))]

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
