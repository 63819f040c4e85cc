/** The buffers that kernels are measured on, for the headline shape: 96 lesions, 120 time points, 50,000 voxels. */
import { type KernelMemory, makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  RESERVED_BYTES,
  seedMeansScratchBytes
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
/** Bytes of a stored subject: 16-bit integers. */
export const storedBytes = timePoints * voxels * 2

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
  global: (timePoints + 1) * 8,
  means: subjects * timePoints * 4,
  degree: panels * PANEL_VOXELS * 8,
  products: PRODUCT_BYTES,
  /** Where panels of a store are unpacked to, apart from those that are correlated. */
  unpacked: tilePanels * timePoints * PANEL_VOXELS * 4,
  scratch: Math.max(fusedScratchBytes(subjects, timePoints, tilePanels), seedMeansScratchBytes(lesions))
}

/** Byte addresses. */
export type Buffers = Readonly<Record<keyof typeof sizes, number>>

export interface HeadlineBuffers {
  readonly memory: KernelMemory
  readonly at: Buffers
  /** Panels that some lesion touches. */
  readonly panelCount: number
}

export const makeBuffers = (): HeadlineBuffers => {
  let bytes = RESERVED_BYTES
  const at = {} as Record<keyof typeof sizes, number>
  for (const name of Object.keys(sizes) as Array<keyof Buffers>) {
    at[name] = bytes
    bytes += Math.ceil(sizes[name] / 128) * 128
  }
  const memory = makeKernelMemory(bytes)
  return { memory, at, panelCount: fill(memory, at) }
}

/** Gives how many panels some lesion touches. Raw BOLD of mean 10,000 and standard deviation 100, white; lesions compact, anywhere. Mulberry32, seeded. */
const fill = (memory: KernelMemory, at: Buffers): number => {
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
  return touched.length
}
