/**
 * A place to run the compiled kernels in a test: a memory, an allocator, views, seeded random numbers.
 */

import { type CompiledKernels, compileKernels } from "../../../src/kernels/compileKernels.ts"
import { instantiateKernels, makeKernelMemory } from "../../../src/kernels/kernelInstances.ts"
import { takeOffRounding } from "../../../src/kernels/takeOffRounding.ts"
import {
  type Arithmetic,
  BLOCK_LESIONS,
  PANEL_VOXELS,
  RESERVED_BYTES,
  type VectorBits,
  type WasmKernels
} from "../../../src/kernels/WasmKernels.ts"
import { whyNotWide } from "../../../src/kernels/wideVectors.ts"

/** The builds that this machine can run. Without 256-bit vectors theirs are left out, which fails in CI. */
export const kernelBuilds: ReadonlyArray<readonly [Arithmetic, VectorBits]> = (["fast", "strict"] as const).flatMap(
  (arithmetic) => widths().map((vectors) => [arithmetic, vectors] as const)
)

function widths(): ReadonlyArray<VectorBits> {
  const missing = whyNotWide()
  if (missing === undefined) return [128, 256]
  if (process.env.CI !== undefined) throw new Error(`kernels cannot be tested with 256-bit vectors: ${missing}`)
  console.warn(`kernels are not tested with 256-bit vectors: ${missing}`)
  return [128]
}

export interface Workbench {
  readonly kernels: WasmKernels
  /** Forgets all buffers. */
  readonly clear: () => void
  /** Each makes a buffer, zeroed, with room of garbage before and after, and tells its address. */
  readonly float32: (length: number, values?: ArrayLike<number>) => Buffer<Float32Array>
  readonly float64: (length: number, values?: ArrayLike<number>) => Buffer<Float64Array>
  readonly int32: (length: number, values?: ArrayLike<number>) => Buffer<Int32Array>
  readonly int64: (length: number) => Buffer<BigInt64Array>
}

export interface Buffer<A> {
  readonly at: number
  readonly view: A
}

/** Throws, naming the remedy, where the kernels have not been built. */
export const makeWorkbench = async (arithmetic: Arithmetic, vectors: VectorBits = 128): Promise<Workbench> => {
  const compiled = await compileKernels({ arithmetic, vectors }).catch((cause: unknown): CompiledKernels => {
    throw new Error("The WebAssembly kernels are not built. Run: npm run build:kernels", { cause })
  })
  if (compiled.narrowBecause !== undefined) throw new Error(compiled.narrowBecause)
  const memory = makeKernelMemory(64 * 2 ** 20)
  const bytes = new Uint8Array(memory.buffer)
  let end = 0
  const place = (length: number): number => {
    const at = end + 256
    end = Math.ceil((at + length + 256) / 128) * 128
    if (end > bytes.length) throw new Error(`The workbench is too small: ${end} of ${bytes.length} bytes`)
    bytes.fill(0xff, at - 256, end)
    bytes.fill(0, at, at + length)
    return at
  }
  const filled = <A extends { set(values: ArrayLike<number>): void }>(
    at: number,
    view: A,
    values: ArrayLike<number> | undefined
  ): Buffer<A> => {
    if (values !== undefined) view.set(values)
    return { at, view }
  }
  return {
    kernels: instantiateKernels(compiled.module, memory),
    clear: () => {
      end = RESERVED_BYTES
    },
    float32: (length, values) => {
      const at = place(length * 4)
      return filled(at, new Float32Array(memory.buffer, at, length), values)
    },
    float64: (length, values) => {
      const at = place(length * 8)
      return filled(at, new Float64Array(memory.buffer, at, length), values)
    },
    int32: (length, values) => {
      const at = place(length * 4)
      return filled(at, new Int32Array(memory.buffer, at, length), values)
    },
    int64: (length) => {
      const at = place(length * 8)
      return { at, view: new BigInt64Array(memory.buffer, at, length) }
    }
  }
}

export const panelsOf = (voxels: number): number => Math.ceil(voxels / PANEL_VOXELS)
export const blocksOf = (lesions: number): number => Math.ceil(lesions / BLOCK_LESIONS)

/** Where sum_z of a lesion and voxel is among the sums; sum_z2 is 8 further. */
export const sumIndex = (blocks: number, lesion: number, voxel: number): number =>
  (Math.floor(voxel / PANEL_VOXELS) * blocks * BLOCK_LESIONS + lesion) * 2 * PANEL_VOXELS + (voxel % PANEL_VOXELS)

/** A copy of the sums that the kernels have added up, without the bits of their rounding. */
export const plainSums = (sums: BigInt64Array, lesions: number, subjects: number): BigInt64Array => {
  const rows = blocksOf(lesions) * BLOCK_LESIONS
  const copy = sums.slice()
  takeOffRounding(copy, rows, lesions, 0, sums.length / (2 * PANEL_VOXELS * rows), subjects)
  return copy
}

/** Uniform random numbers in [0, 1): mulberry32. */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Raw BOLD of one subject, float32 [T][V]: a shared signal of a strength that differs between voxels (so that correlations
 * cover [-1, 1]), noise, a mean of any size, and now and then a voxel that is constant, NaN or infinite somewhere.
 */
export const rawSubject = (random: () => number, timePoints: number, voxels: number): Float32Array => {
  const signal = Array.from({ length: timePoints }, () => random() - 0.5)
  const raw = new Float32Array(timePoints * voxels)
  for (let v = 0; v < voxels; v++) {
    const mean = [0, 1e4, -3e2, 1e6][Math.floor(random() * 4)]!
    const sd = mean === 1e6 ? 1e3 : 50
    const share = random() < 0.1 ? 1 : random() * 2 - 1
    const kind = random()
    for (let t = 0; t < timePoints; t++) {
      const noise = (1 - Math.abs(share)) * (random() - 0.5)
      raw[t * voxels + v] = kind < 0.05 ? mean : mean + sd * (share * signal[t]! + noise)
    }
    const somewhere = Math.floor(random() * timePoints) * voxels + v
    if (kind > 0.98) raw[somewhere] = Number.NaN
    else if (kind > 0.96) raw[somewhere] = kind > 0.97 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }
  return raw
}
