/**
 * A tile of residuals and a batch of permutations in a memory of WebAssembly's: the fast form of `freedmanLane`, and with variance groups
 * of `gStatistic`, in float32.
 *
 * A worker makes one and uses it again and again: `load` a tile, `permute` a batch, then `count` or `statistics`. What comes out depends
 * on neither tiles nor batches: each product is a chain of additions of its own. For designs of which `isFloat32Enough`.
 *
 * Cost: `count` takes about 0.02 ns for each voxel, permutation, row and patient (3 ms for 4,096 voxels, 48 permutations, 4 rows and 200
 * patients), with G two to three times as much.
 */
import { instantiateKernels, type KernelMemory, makeKernelMemory } from "../kernelInstances.ts"
import { PANEL_VOXELS, permutationScratchBytes, RESERVED_BYTES, type WasmKernels } from "../WasmKernels.ts"
import type { ContrastBasis } from "./contrastBasis.ts"
import { squareOfT, tiedFrom, tOfCorrelation } from "./groupPolicy.ts"
import type { VarianceGroups } from "./gStatistic.ts"
import type { PermutationCounts } from "./permutationCounts.ts"
import type { Permutations } from "./permutations.ts"
import {
  gParameters,
  kernelRows,
  packPermutedRows,
  packResiduals,
  panelsLength,
  permutedRowsLength
} from "./permutedRows.ts"
import type { ResidualTile } from "./residualMaps.ts"

export interface FastTileSize {
  /** Most voxels of a tile, and permutations of a batch. */
  readonly voxels: number
  readonly permutations: number
  /** Whether t maps are kept, which `statistics` needs. */
  readonly maps: boolean
  /** The statistic is G of these groups; default: t. */
  readonly groups?: VarianceGroups | undefined
}

/** Address and length, in numbers of 4 bytes, of each buffer. */
const layOut = (basis: ContrastBasis, rows: number, { voxels, permutations, maps, groups }: FastTileSize) => {
  const padded = Math.ceil(voxels / PANEL_VOXELS) * PANEL_VOXELS
  const panels = panelsLength(basis.patients, voxels)
  const lengths = {
    panels,
    squares: groups ? panels : 0,
    rows: permutedRowsLength(basis.patients, rows, permutations),
    parameters: groups ? gParameters(basis, groups).length : 0,
    thresholds: padded,
    counts: padded,
    maxima: permutations * 4,
    t: maps ? permutations * padded : 0,
    scratch: permutationScratchBytes(rows) / 4
  }
  let bytes = RESERVED_BYTES
  const at = { ...lengths }
  for (const name of Object.keys(lengths) as Array<keyof typeof lengths>) {
    at[name] = bytes
    bytes += Math.ceil(lengths[name] / 16) * 64
  }
  return { lengths, at, bytes, padded }
}

export class FastTile {
  #basis: ContrastBasis
  #groups: VarianceGroups | undefined
  #rows: ReadonlyArray<Float64Array>
  readonly #layout: ReturnType<typeof layOut>
  readonly #memory: KernelMemory
  readonly #kernels: WasmKernels
  #voxels = 0
  #first = 0
  #permutations = 0

  /**
   * Throws a RangeError where the memory cannot be had.
   *
   * @param memory of a tile that is not used any more; taken where it is large enough
   */
  constructor(module: WebAssembly.Module, basis: ContrastBasis, size: FastTileSize, memory?: KernelMemory) {
    this.#basis = basis
    this.#groups = size.groups
    this.#rows = kernelRows(basis, size.groups)
    this.#layout = layOut(basis, this.#rows.length, size)
    const isEnough = memory !== undefined && memory.buffer.byteLength >= this.#layout.bytes
    this.#memory = isEnough ? memory : makeKernelMemory(this.#layout.bytes)
    this.#kernels = instantiateKernels(module, this.#memory)
    this.redesign(basis, size.groups)
  }

  /** Takes another effect with the same nuisance columns, and its groups where the statistic is G; the tile stays. */
  redesign(basis: ContrastBasis, groups: VarianceGroups | undefined): void {
    this.#basis = basis
    this.#groups = groups
    this.#rows = kernelRows(basis, groups)
    if (groups) this.#floats("parameters").set(gParameters(basis, groups))
  }

  get memory(): KernelMemory {
    return this.#memory
  }

  /** Takes a tile of residuals. */
  load(tile: ResidualTile): void {
    this.#voxels = tile.voxels
    const panels = this.#floats("panels")
    packResiduals(tile, this.#basis.patients, panels)
    if (this.#groups === undefined) return
    const squares = this.#floats("squares")
    for (let i = 0; i < squares.length; i++) squares[i] = panels[i]! ** 2
  }

  /** Takes permutations [first, first + count). */
  permute(permutations: Permutations, first: number, count: number): void {
    this.#first = first
    this.#permutations = count
    packPermutedRows(this.#rows, permutations, { first, count }, this.#floats("rows"))
  }

  /** Raises the counts of the tile's voxels and the maxima by the batch. Shape of `observed`, t or G: (voxels). */
  count(observed: ArrayLike<number>, { counts, maxima }: PermutationCounts): void {
    const { at } = this.#layout
    const thresholds = this.#floats("thresholds")
    for (let voxel = 0; voxel < this.#voxels; voxel++) thresholds[voxel] = this.#squareOf(tiedFrom(observed[voxel]!))
    const reached = new Int32Array(this.#memory.buffer, at.counts, this.#voxels).fill(0)
    const lanes = this.#floats("maxima").fill(0)
    const results = [at.thresholds, at.counts, at.maxima, at.scratch] as const
    if (this.#groups) this.#kernels.countPermutedG(...this.#dataOfG(this.#groups), ...results)
    else this.#kernels.countPermutations(...this.#data(), ...results)
    for (let voxel = 0; voxel < this.#voxels; voxel++) counts[voxel]! += reached[voxel]!
    for (let index = 0; index < this.#permutations; index++) {
      const lane = 4 * index
      const square = Math.max(lanes[lane]!, lanes[lane + 1]!, lanes[lane + 2]!, lanes[lane + 3]!)
      maxima[this.#first + index] = Math.max(maxima[this.#first + index]!, this.#rootOf(square))
    }
  }

  /** t or G of the batch: a view of each permutation's voxels, valid until the next call. */
  statistics(): ReadonlyArray<Float32Array> {
    const { at, padded } = this.#layout
    const results = [at.t, padded, at.scratch] as const
    if (this.#groups) this.#kernels.permutedG(...this.#dataOfG(this.#groups), ...results)
    else this.#kernels.permutedT(...this.#data(), this.#basis.degreesOfFreedom, ...results)
    return Array.from(
      { length: this.#permutations },
      (_, index) => new Float32Array(this.#memory.buffer, at.t + index * padded * 4, this.#voxels)
    )
  }

  #data() {
    const { at } = this.#layout
    return [at.panels, this.#panels, this.#basis.patients, at.rows, this.#permutations, this.#rows.length] as const
  }

  #dataOfG({ terms }: VarianceGroups) {
    const { at } = this.#layout
    const { patients } = this.#basis
    const designRows = (this.#rows.length - 1) / 2
    const permuted = [patients, at.rows, this.#permutations, designRows] as const
    return [at.panels, at.squares, this.#panels, ...permuted, at.parameters, terms.length] as const
  }

  /** What the kernels compare of a statistic: the squared partial correlation, or G². */
  #squareOf(statistic: number): number {
    return this.#groups ? statistic * statistic : squareOfT(statistic, this.#basis.degreesOfFreedom)
  }

  #rootOf(square: number): number {
    const root = Math.sqrt(square)
    return this.#groups ? root : tOfCorrelation(root, this.#basis.degreesOfFreedom)
  }

  get #panels(): number {
    return Math.ceil(this.#voxels / PANEL_VOXELS)
  }

  #floats(name: keyof ReturnType<typeof layOut>["at"]): Float32Array {
    const { at, lengths } = this.#layout
    return new Float32Array(this.#memory.buffer, at[name], lengths[name])
  }
}
