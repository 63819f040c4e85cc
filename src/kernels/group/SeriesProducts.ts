/**
 * `weightedProducts` by WebAssembly: a tile of voxels in a memory of its own, and one or several matrices of sums that go on from tile to tile.
 *
 * A worker makes one and uses it again and again: `load` a tile, `add` its products to a matrix with the weights of that matrix, and after the
 * last tile `sums`. The bits depend on how voxels are cut into tiles, so tiles must be fixed, and on nothing else.
 *
 * Numerics: float32 within `SLICE_VOXELS` voxels, float64 beyond: within 2·10⁻⁶ of the product of the two series' norms.
 */
import { instantiateKernels, type KernelMemory, makeKernelMemory } from "../kernelInstances.ts"
import { BLOCK_LESIONS, PANEL_VOXELS, RESERVED_BYTES, type WasmKernels, weightedScratchBytes } from "../WasmKernels.ts"
import type { Series } from "./weightedProducts.ts"

export interface SeriesProductsSize {
  readonly rows: number
  /** Undefined: the columns are the rows, and the matrices are symmetric. */
  readonly columns?: number | undefined
  /** Most voxels of a tile. */
  readonly voxels: number
  /** How many matrices are summed side by side. */
  readonly matrices: number
}

/** Address of each buffer, and panels and blocks in them. */
const layOut = ({ rows, columns = rows, voxels, matrices }: SeriesProductsSize) => {
  const panelCount = Math.ceil(rows / PANEL_VOXELS)
  const blockCount = Math.ceil(columns / BLOCK_LESIONS)
  const matrixBytes = 8 * panelCount * PANEL_VOXELS * blockCount * BLOCK_LESIONS
  const sizes = {
    panels: 4 * panelCount * PANEL_VOXELS * voxels,
    blocks: 4 * blockCount * BLOCK_LESIONS * voxels,
    weights: 4 * voxels,
    sums: matrices * matrixBytes,
    scratch: weightedScratchBytes(blockCount)
  }
  let bytes = RESERVED_BYTES
  const at = { ...sizes }
  for (const name of Object.keys(sizes) as Array<keyof typeof sizes>) {
    at[name] = bytes
    bytes += Math.ceil(sizes[name] / 64) * 64
  }
  return { at, bytes, panelCount, blockCount, matrixBytes }
}

/** Bytes that products of this size take. */
export const seriesProductsBytes = (size: SeriesProductsSize): number => layOut(size).bytes

export class SeriesProducts {
  readonly #size: SeriesProductsSize
  readonly #layout: ReturnType<typeof layOut>
  readonly #memory: KernelMemory
  readonly #kernels: WasmKernels
  #voxels = 0

  /**
   * Throws a RangeError where the memory cannot be had.
   *
   * @param memory of products that are not used any more; taken where it is large enough
   */
  constructor(module: WebAssembly.Module, size: SeriesProductsSize, memory?: KernelMemory) {
    this.#size = size
    this.#layout = layOut(size)
    const isEnough = memory !== undefined && memory.buffer.byteLength >= this.#layout.bytes
    this.#memory = isEnough ? memory : makeKernelMemory(this.#layout.bytes)
    this.#kernels = instantiateKernels(module, this.#memory)
    for (let matrix = 0; isEnough && matrix < size.matrices; matrix++) this.clear(matrix)
  }

  get memory(): KernelMemory {
    return this.#memory
  }

  /** Takes the series of a tile: those of the rows, and where they are others those of the columns. */
  load(voxels: number, rows: Series, columns: Series = rows): void {
    this.#voxels = voxels
    this.#pack(rows, this.#layout.at.panels, PANEL_VOXELS)
    this.#pack(columns, this.#layout.at.blocks, BLOCK_LESIONS)
  }

  /** Adds the products of the tile, each voxel with its weight, to a matrix. Shape of `weights`: (voxels of the tile). */
  add(matrix: number, weights: ArrayLike<number>): void {
    const { at, panelCount, blockCount, matrixBytes } = this.#layout
    new Float32Array(this.#memory.buffer, at.weights, this.#voxels).set(weights)
    const lower = this.#size.columns === undefined ? 1 : 0
    const sums = at.sums + matrix * matrixBytes
    const voxels = this.#voxels
    const { weightedProducts } = this.#kernels
    weightedProducts(at.panels, panelCount, at.blocks, blockCount, voxels, at.weights, lower, sums, at.scratch)
  }

  /** Sets a matrix to 0. */
  clear(matrix: number): void {
    this.#matrix(matrix).fill(0)
  }

  /** A matrix as it is now, in `out` where one is given. Shape: (rows, columns). */
  sums(
    matrix: number,
    out: Float64Array<ArrayBuffer> = new Float64Array(this.#size.rows * (this.#size.columns ?? this.#size.rows))
  ): Float64Array<ArrayBuffer> {
    const { rows, columns } = this.#size
    const width = this.#layout.blockCount * BLOCK_LESIONS
    const from = this.#matrix(matrix)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < (columns ?? rows); j++) {
        const [row, column] = columns === undefined && j > i ? [j, i] : [i, j]
        out[i * (columns ?? rows) + j] = from[row * width + column]!
      }
    }
    return out
  }

  #matrix(matrix: number): Float64Array {
    const { at, matrixBytes } = this.#layout
    return new Float64Array(this.#memory.buffer, at.sums + matrix * matrixBytes, matrixBytes / 8)
  }

  /** Series side by side, `side` at a time; zeros beyond the last. */
  #pack({ count, values, seriesStride, voxelStride }: Series, address: number, side: number): void {
    const voxels = this.#voxels
    const groups = Math.ceil(count / side)
    const packed = new Float32Array(this.#memory.buffer, address, groups * voxels * side)
    for (let group = 0; group < groups; group++) {
      const first = group * side
      for (let voxel = 0; voxel < voxels; voxel++) {
        const to = (group * voxels + voxel) * side
        const from = first * seriesStride + voxel * voxelStride
        for (let lane = 0; lane < side; lane++) {
          packed[to + lane] = first + lane < count ? values[from + lane * seriesStride]! : 0
        }
      }
    }
  }
}
