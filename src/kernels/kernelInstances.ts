/**
 * Memory for the WebAssembly kernels, and builds of them bound to it: what the main thread and the workers share.
 *
 * A build that was compiled from other sources than this code counts on is refused (`differingConstants.ts`).
 */
import { type BuildConstants, differingConstants } from "./differingConstants.ts"
import { fractionBits } from "./fixedPoint.ts"
import { lesionVoxelScale } from "./lesionVoxelScale.ts"
import { maximalCorrelation, numericsVersion } from "./numericPolicy.ts"
import {
  BAND_VOXELS,
  BLOCK_LESIONS,
  lesionVoxelsScratchBytes,
  PANEL_VOXELS,
  PRODUCT_BYTES,
  RESERVED_BYTES,
  SLICE_VOXELS,
  seedMeansScratchBytes,
  type WasmKernels
} from "./WasmKernels.ts"

/** The shared memory that kernels work on. */
export interface KernelMemory {
  readonly buffer: SharedArrayBuffer
}

/**
 * Makes a zeroed shared memory of at least `bytes` usable bytes, which never grows: so no more address space is reserved.
 * Throws a RangeError where it cannot be had.
 */
export function makeKernelMemory(bytes: number): KernelMemory {
  const pages = Math.min(Math.ceil(bytes / PAGE_BYTES) + 1, MAXIMUM_PAGES)
  return new webAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

/** Binds a compiled build to a memory; cheap, once a worker. Throws where the build is of another version. */
export function instantiateKernels(module: WebAssembly.Module, memory: KernelMemory): WasmKernels {
  const { exports } = new webAssembly.Instance(module, { env: { memory } })
  checkConstants(exports, expected)
  return exports
}

/** Throws where a build was compiled with other constants than these, or than every build must have. */
export const checkBuild = (module: WebAssembly.Module, constants: BuildConstants): void =>
  checkConstants(instantiateKernels(module, makeKernelMemory(0)), constants)

/** What every build must have been compiled with. */
const expected: BuildConstants = {
  NUMERICS: numericsVersion,
  PANEL: PANEL_VOXELS,
  BLOCK: BLOCK_LESIONS,
  BAND_VOXELS,
  SUMS_ROW: 2 * PANEL_VOXELS * BigInt64Array.BYTES_PER_ELEMENT,
  PRODUCT_BYTES,
  SLICE_VOXELS,
  SEED_MEANS_BYTES: seedMeansScratchBytes(0),
  CLIP: maximalCorrelation,
  ROUNDING_NUMBER: 1.5 * 2 ** (52 - fractionBits),
  LESION_VOXEL_SCALE: lesionVoxelScale,
  LESION_VOXELS_BYTES: lesionVoxelsScratchBytes(0, 0)
}

const checkConstants = (exports: object, equal: BuildConstants): void => {
  const problem = differingConstants({ ...exports }, { equal, reservedBytes: RESERVED_BYTES })
  if (problem !== undefined) throw new Error(problem)
}

/** Bytes of a page, the unit of a WebAssembly memory. */
const PAGE_BYTES = 65_536

/** Pages that 32-bit addresses reach: 4 GiB. */
const MAXIMUM_PAGES = 65_536

/** What is used of the global `WebAssembly`, whose types belong to the browser's library and are not loaded here. */
interface WebAssemblyEngine {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => KernelMemory
  readonly Instance: new (
    module: WebAssembly.Module,
    imports: { env: { memory: KernelMemory } }
  ) => { exports: WasmKernels }
  readonly Module: new (bytes: Uint8Array) => WebAssembly.Module
  validate(bytes: Uint8Array): boolean
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyEngine }).WebAssembly
