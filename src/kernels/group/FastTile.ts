/**
 * A tile of residuals and a batch of permutations in a memory of WebAssembly's: the fast form of `freedmanLane`, in float32.
 *
 * A worker makes one and uses it again and again: `load` a tile, `permute` a batch, then `count` or `statistics`. What comes out depends
 * on neither tiles nor batches: each product is a chain of additions of its own.
 */
import { instantiateKernels, type KernelMemory, makeKernelMemory } from "../kernelInstances.ts"
import { PANEL_VOXELS, permutationScratchBytes, RESERVED_BYTES, type WasmKernels } from "../WasmKernels.ts"
import type { ContrastBasis } from "./contrastBasis.ts"
import { squareOfT, tiedFrom, tOfCorrelation } from "./groupPolicy.ts"
import type { PermutationCounts } from "./permutationCounts.ts"
import type { Permutations } from "./permutations.ts"
import { designRowsOf, packPermutedRows, packResiduals, panelsLength, permutedRowsLength } from "./permutedRows.ts"
import type { ResidualTile } from "./residualMaps.ts"

export interface FastTileSize {
  /** Most voxels of a tile, and permutations of a batch. */
  readonly voxels: number
  readonly permutations: number
  /** Whether t maps are kept, which `statistics` needs. */
  readonly maps: boolean
}

/** Address and length, in numbers of 4 bytes, of each buffer. */
const layOut = (basis: ContrastBasis, { voxels, permutations, maps }: FastTileSize) => {
  const padded = Math.ceil(voxels / PANEL_VOXELS) * PANEL_VOXELS
  const designRows = designRowsOf(basis)
  const lengths = {
    panels: panelsLength(basis.patients, voxels),
    rows: permutedRowsLength(basis.patients, designRows, permutations),
    thresholds: padded,
    counts: padded,
    maxima: permutations * 4,
    t: maps ? permutations * padded : 0,
    scratch: permutationScratchBytes(designRows) / 4
  }
  let bytes = RESERVED_BYTES
  const at = { ...lengths }
  for (const name of Object.keys(lengths) as Array<keyof typeof lengths>) {
    at[name] = bytes
    bytes += Math.ceil(lengths[name] / 16) * 64
  }
  return { lengths, at, bytes, padded, designRows }
}

/** Bytes that a tile takes. */
export const fastTileBytes = (basis: ContrastBasis, size: FastTileSize): number => layOut(basis, size).bytes

export class FastTile {
  readonly #basis: ContrastBasis
  readonly #layout: ReturnType<typeof layOut>
  readonly #memory: KernelMemory
  readonly #kernels: WasmKernels
  #voxels = 0
  #first = 0
  #permutations = 0

  /** Throws a RangeError where the memory cannot be had. */
  constructor(module: WebAssembly.Module, basis: ContrastBasis, size: FastTileSize) {
    this.#basis = basis
    this.#layout = layOut(basis, size)
    this.#memory = makeKernelMemory(this.#layout.bytes)
    this.#kernels = instantiateKernels(module, this.#memory)
  }

  /** Takes a tile of residuals. */
  load(tile: ResidualTile): void {
    this.#voxels = tile.voxels
    packResiduals(tile, this.#basis.patients, this.#floats("panels"))
  }

  /** Takes permutations [first, first + count). */
  permute(permutations: Permutations, first: number, count: number): void {
    this.#first = first
    this.#permutations = count
    packPermutedRows(this.#basis, permutations, { first, count }, this.#floats("rows"))
  }

  /** Raises the counts of the tile's voxels and the maxima by the batch. Shape of `observed`, t: (voxels). */
  count(observed: ArrayLike<number>, { counts, maxima }: PermutationCounts): void {
    const { at, designRows } = this.#layout
    const { patients, degreesOfFreedom } = this.#basis
    const thresholds = this.#floats("thresholds")
    for (let voxel = 0; voxel < this.#voxels; voxel++) {
      thresholds[voxel] = squareOfT(tiedFrom(observed[voxel]!), degreesOfFreedom)
    }
    const reached = new Int32Array(this.#memory.buffer, at.counts, this.#voxels).fill(0)
    const lanes = this.#floats("maxima").fill(0)
    const [panels, count] = [this.#panels, this.#permutations]
    this.#kernels.countPermutations(
      ...([
        at.panels,
        panels,
        patients,
        at.rows,
        count,
        designRows,
        at.thresholds,
        at.counts,
        at.maxima,
        at.scratch
      ] as const)
    )
    for (let voxel = 0; voxel < this.#voxels; voxel++) counts[voxel]! += reached[voxel]!
    for (let index = 0; index < count; index++) {
      const lane = 4 * index
      const square = Math.max(lanes[lane]!, lanes[lane + 1]!, lanes[lane + 2]!, lanes[lane + 3]!)
      const largest = tOfCorrelation(Math.sqrt(square), degreesOfFreedom)
      maxima[this.#first + index] = Math.max(maxima[this.#first + index]!, largest)
    }
  }

  /** t of the batch: a view of each permutation's voxels, valid until the next call. */
  statistics(): ReadonlyArray<Float32Array> {
    const { at, designRows, padded } = this.#layout
    const { patients, degreesOfFreedom } = this.#basis
    const [panels, count] = [this.#panels, this.#permutations]
    this.#kernels.permutedT(
      ...([
        at.panels,
        panels,
        patients,
        at.rows,
        count,
        designRows,
        degreesOfFreedom,
        at.t,
        padded,
        at.scratch
      ] as const)
    )
    return Array.from(
      { length: count },
      (_, index) => new Float32Array(this.#memory.buffer, at.t + index * padded * 4, this.#voxels)
    )
  }

  get #panels(): number {
    return Math.ceil(this.#voxels / PANEL_VOXELS)
  }

  #floats(name: keyof ReturnType<typeof layOut>["at"]): Float32Array {
    const { at, lengths } = this.#layout
    return new Float32Array(this.#memory.buffer, at[name], lengths[name])
  }
}
