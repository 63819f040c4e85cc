/**
 * The WebAssembly kernels that prepare a connectome, as TypeScript sees them. `src/kernels/assembly` holds the source;
 * `npm run build:kernels` compiles it.
 *
 * Each instance has a memory of its own, small and not shared, of which the caller gets views. Arguments named after a
 * buffer are byte addresses in it. The kernels allocate nothing, keep no state and check nothing.
 */
import { readFileSync } from "node:fs"
import { type BuildConstants, differingConstants, type ExpectedConstants } from "./differingConstants.ts"
import { numericsVersion } from "./numericPolicy.ts"
import { PANEL_VOXELS } from "./WasmKernels.ts"

export interface PanelKernels {
  /**
   * Standardises raw time series, run by run, into panels.
   *
   * Shapes: source float32 [Σ runs][rowVoxels], its first 8 · count voxels are read; runs int32 [runCount], time points of each;
   * panels float32 [count][timePoints][8], zero beyond the runs; sd float32 [8 · count]; scratch float64 [16].
   * Mutates `panels`, `sd` and `scratch`.
   */
  standardisePanels(
    source: number,
    rowVoxels: number,
    runs: number,
    runCount: number,
    timePoints: number,
    count: number,
    panels: number,
    sd: number,
    scratch: number
  ): void

  /**
   * Makes 16-bit integers of standardised panels.
   *
   * Shapes: panels float32 [count][timePoints][8], of which the first `own` time points are the subject's; integers int16, likewise,
   * zero beyond them; step float32 [8 · count]. Mutates `integers` and `step`.
   */
  quantisePanels(panels: number, timePoints: number, own: number, count: number, integers: number, step: number): void
}

/** Kernels and their memory, with a buffer in it for each of the lengths that were asked for. */
export interface PanelMemory<Name extends string> {
  readonly kernels: PanelKernels
  readonly memory: ArrayBuffer
  /** Byte addresses of the buffers. */
  readonly at: Readonly<Record<Name, number>>
}

/**
 * Makes an instance, zeroed. What is never written takes no memory. Throws where the build is missing, damaged or of another version.
 *
 * @param bytes of each buffer
 * @param format what the build must have been compiled with for the format that the panels are written in
 */
export const makePanelMemory = <Name extends string>(
  bytes: Readonly<Record<Name, number>>,
  format: BuildConstants = {}
): PanelMemory<Name> => {
  let end = reservedBytes
  const at = {} as Record<Name, number>
  for (const name of Object.keys(bytes) as Array<Name>) {
    at[name] = end
    end += Math.ceil(bytes[name] / vectorBytes) * vectorBytes
  }
  const pages = Math.ceil(end / pageBytes)
  const memory = new engine.Memory({ initial: pages, maximum: pages })
  module ??= compilePanels()
  const kernels = new engine.Instance(module, { env: { memory } }).exports
  const problem =
    differingConstants({ ...kernels }, expected) ?? differingConstants({ ...kernels }, { ...expected, equal: format })
  if (problem !== undefined) {
    throw unusable(problem)
  }
  return { kernels, memory: memory.buffer, at }
}

const compilePanels = (): object => {
  try {
    return new engine.Module(readFileSync(new URL("./assembly/build/panels.wasm", import.meta.url)))
  } catch (cause) {
    throw unusable((cause as Error).message, cause)
  }
}

const unusable = (problem: string, cause?: unknown): Error =>
  new Error(`the kernels that prepare a connectome cannot be used: ${problem}. ${remedy}`, { cause })

/** What to do about kernels that are missing, damaged or of another version. */
const remedy = "Install the package again; in a clone of the repository, run `npm run build:kernels`"

/** Bytes of the scratch of `standardisePanels`. */
export const standardiseScratchBytes = 16 * Float64Array.BYTES_PER_ELEMENT

/** Bytes at the start of the memory that are the compiler's own. */
const reservedBytes = 1024

/** What the build must have been compiled with. */
const expected: ExpectedConstants = {
  equal: {
    NUMERICS: numericsVersion,
    PANEL: PANEL_VOXELS,
    LARGEST_INTEGER: 32_767,
    SCRATCH_BYTES: standardiseScratchBytes
  },
  reservedBytes
}

/** Bytes of a vector; buffers are aligned to multiples of it. */
const vectorBytes = 16

/** The unit of a WebAssembly memory. */
const pageBytes = 65_536

/** Compiled once, when it is first needed. */
let module: object | undefined

/** What is used of the global `WebAssembly`, whose types belong to the browser's library and are not loaded here. */
interface WebAssemblyEngine {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { env: { memory: { readonly buffer: ArrayBuffer } } }
  ) => { readonly exports: PanelKernels }
}

const engine = (globalThis as unknown as { WebAssembly: WebAssemblyEngine }).WebAssembly
