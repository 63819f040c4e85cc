/** The buffers that kernels are measured on, for the headline shape: 96 lesions, 120 time points, 50,000 voxels. */
import { type KernelMemory, makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  RESERVED_BYTES
} from "../../src/kernels/WasmKernels.ts"

export const lesions = 96
export const timePoints = 120
export const voxels = 50_000
/** Subjects of a chunk, and panels of a tile, that the fused kernel is measured with. */
export const subjects = 4
export const tilePanels = 16
/** Voxels of a lesion and of a run: 16 mL of 2 mm voxels, compact. */
const lesionVoxels = 2_000
const runVoxels = 10
/** Voxels from one run of a lesion to the next: a row of the brain mask. */
const runPitch = 60

export const blocks = Math.ceil(lesions / BLOCK_LESIONS)
export const panels = Math.ceil(voxels / PANEL_VOXELS)
export const subjectBytes = timePoints * voxels * 4
export const seedBytes = blocks * timePoints * BLOCK_LESIONS * 4
const runs = (lesions * lesionVoxels) / runVoxels

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
  products: PRODUCT_BYTES,
  /** Where panels of a store are unpacked to, apart from those that are correlated. */
  unpacked: tilePanels * timePoints * PANEL_VOXELS * 4,
  scratch: fusedScratchBytes(subjects, timePoints, tilePanels)
}

/** Byte addresses. */
export type Buffers = Readonly<Record<keyof typeof sizes, number>>

export const makeBuffers = (): { readonly memory: KernelMemory; readonly at: Buffers } => {
  let bytes = RESERVED_BYTES
  const at = {} as Record<keyof typeof sizes, number>
  for (const name of Object.keys(sizes) as Array<keyof Buffers>) {
    at[name] = bytes
    bytes += Math.ceil(sizes[name] / 128) * 128
  }
  const memory = makeKernelMemory(bytes)
  fill(memory, at)
  return { memory, at }
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
