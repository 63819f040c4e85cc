/**
 * Compiles the WebAssembly kernels: the build for the arithmetic and the vectors that are asked for, as far as this machine can run it.
 *
 * A build for 256-bit vectors is taken only where V8 can make them here (`wideVectors.ts`) and where it gives the same bits as the one
 * for 128 on data that is chosen to be awkward (`differingKernel.ts`): widening is an experiment of V8's.
 */
import { readFile } from "node:fs/promises"
import type { BuildConstants } from "./differingConstants.ts"
import { differingKernel } from "./differingKernel.ts"
import { checkBuild, webAssembly } from "./kernelInstances.ts"
import type { Arithmetic, VectorBits } from "./WasmKernels.ts"
import { compileWide, whyNotWide } from "./wideVectors.ts"

/** What is asked for. `auto`: 256-bit vectors where they can be had. */
export interface KernelChoice {
  readonly arithmetic: Arithmetic
  readonly vectors: VectorBits | "auto"
}

/** A compiled build; the module may be posted to workers. */
export interface CompiledKernels {
  readonly module: WebAssembly.Module
  readonly arithmetic: Arithmetic
  readonly vectors: VectorBits
  /** Why vectors of 256 bits are not used, where that is worth a warning. */
  readonly narrowBecause?: string
}

/**
 * Compiles the build that was asked for: `strict` where this machine has no relaxed SIMD, 128-bit vectors where it has no others. With
 * `auto` and 256, flags of V8 are set for as long as the build is compiled; with 128 none is touched. Rejects where a file is missing,
 * damaged or of another version.
 *
 * @param formats what the build must have been compiled with for the formats on disk that it reads
 */
export async function compileKernels(
  { arithmetic, vectors }: KernelChoice,
  formats: BuildConstants = {}
): Promise<CompiledKernels> {
  const bytes = await readBuild(arithmetic, 128)
  if (arithmetic === "fast" && !webAssembly.validate(bytes)) {
    return compileKernels({ arithmetic: "strict", vectors }, formats)
  }
  const constants = { ...formats, FUSES: arithmetic === "fast" ? 1 : 0 }
  const module = await webAssembly.compile(bytes)
  checkBuild(module, { ...constants, VECTORS: 128 })
  const narrow = { module, arithmetic, vectors: 128 } as const
  if (vectors === 128) return narrow
  const missing = whyNotWide()
  if (missing !== undefined) return vectors === "auto" ? narrow : { ...narrow, narrowBecause: missing }
  const wide = compileWide(await readBuild(arithmetic, 256))
  checkBuild(wide, { ...constants, VECTORS: 256 })
  const differing = differingKernel(module, wide)
  if (differing === undefined) return { module: wide, arithmetic, vectors: 256 }
  return { ...narrow, narrowBecause: `with them, this version of Node computes other bits in the kernel ${differing}` }
}

const readBuild = (arithmetic: Arithmetic, vectors: VectorBits): Promise<Uint8Array> =>
  readFile(new URL(`./assembly/build/engine-${arithmetic}-${vectors}.wasm`, import.meta.url))

/**
 * A module of one function that gives a constant vector: magic and version, the type () -> v128, the function, and its code, which is
 * v128.const with 16 bytes of 0.
 */
const vectorModule = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 22, 1, 20, 0, 0xfd, 0x0c, ...new Array<number>(16).fill(0), 0x0b]
)

/** Whether this machine can run WebAssembly with 128-bit vectors, which every build of the kernels needs. */
export const hasSimd = (): boolean => webAssembly.validate(vectorModule)
