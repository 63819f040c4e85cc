/**
 * The sums over voxels of some folds of a prediction: of each patient held out what the similarity of any model without them needs.
 *
 * Voxels come in tiles, one after the other. The Gram matrix of a fold is summed over all voxels; that of the voxels of a patient's lesion is
 * taken off when the patient is asked for, so that no more than one matrix a fold is held. Free of Effect, for workers.
 */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import type { MapSums, ModelSums } from "../../kernels/group/modelSimilarity.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { type ResidualTile, residualTile } from "../../kernels/group/residualMaps.ts"
import { SeriesProducts, seriesProductsBytes } from "../../kernels/group/SeriesProducts.ts"
import { type TrainingFold, trainingWeights } from "../../kernels/group/trainingFold.ts"
import { seriesInColumns, seriesInRows } from "../../kernels/group/weightedProducts.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import { readTile } from "./CohortSource.ts"
import { threadBytes, tileVoxels } from "./contrastSizes.ts"
import type { GroupStart } from "./GroupStart.ts"

/** A prediction as workers need it. Patients are those that take part, numbered by their place in `kept`. */
export interface PredictionData {
  readonly basis: ContrastBasis
  /** Shape: (patients). */
  readonly score: Float64Array
  /** Rows of the maps. */
  readonly kept: Int32Array
  readonly voxels: number
  /** Voxels of each patient's lesion, ascending, patient after patient; `lesionStarts` says where each begins, and the end. Shared. */
  readonly lesionVoxels: Int32Array
  readonly lesionStarts: Int32Array
  readonly permutations: Omit<Permutations, "write">
  /** Orders of the permutations, shared. */
  readonly table: Uint16Array
}

/** Bytes of the sums: a tile of maps, residuals and columns, the memories of the products, and matrices that are taken out of them. */
export const foldSumsBytes = (patients: number, folds: number, mostHeld: number): number => {
  const columns = 2 * folds * mostHeld
  return (
    threadBytes +
    tileVoxels * (patients * (4 + 8) + columns * 4) +
    seriesProductsBytes({ rows: patients, voxels: tileVoxels, matrices: folds + 1 }) +
    seriesProductsBytes({ rows: patients, columns, voxels: tileVoxels, matrices: 1 }) +
    8 * patients * (2 * patients + columns)
  )
}

/** Of the folds before, to be used again: otherwise the memories of many tasks lie about until they are collected. */
const memories: { grams?: KernelMemory; withMaps?: KernelMemory } = {}

type Summed = { -readonly [K in keyof MapSums]: number }

export class FoldSums {
  readonly #prediction: PredictionData
  readonly #folds: ReadonlyArray<TrainingFold>
  readonly #start: GroupStart
  /** The Gram matrix of each fold over all voxels, and behind them that of a lesion. */
  readonly #grams: SeriesProducts
  /** Of each patient held out in each fold a column with their map and one of ones, over 1/n and outside of their lesion. */
  readonly #withMaps: SeriesProducts
  readonly #columns: number
  readonly #mapSums: ReadonlyArray<ReadonlyArray<Summed>>
  readonly #weights = new Float64Array(tileVoxels)
  readonly #outside = new Float32Array(tileVoxels)
  /** The Gram matrix of the patient held out that was asked for last. */
  readonly #gram: Float64Array<ArrayBuffer>

  constructor(prediction: PredictionData, folds: ReadonlyArray<TrainingFold>, start: GroupStart) {
    const rows = prediction.basis.patients
    this.#prediction = prediction
    this.#folds = folds
    this.#start = start
    this.#columns = 2 * folds.reduce((sum, { held }) => sum + held.length, 0)
    const grams = { rows, voxels: tileVoxels, matrices: folds.length + 1 }
    this.#grams = new SeriesProducts(start.module, grams, memories.grams)
    const withMaps = { rows, columns: this.#columns, voxels: tileVoxels, matrices: 1 }
    this.#withMaps = new SeriesProducts(start.module, withMaps, memories.withMaps)
    this.#gram = new Float64Array(rows * rows)
    memories.grams = this.#grams.memory
    memories.withMaps = this.#withMaps.memory
    this.#mapSums = folds.map(({ held }) => Array.from(held, () => ({ voxels: 0, sum: 0, squares: 0 })))
  }

  addTile(firstVoxel: number, voxels: number): void {
    const { kept, basis } = this.#prediction
    const maps = readTile(this.#start.source, kept, { firstVoxel, voxels })
    const tile = residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels })
    const residuals = seriesInColumns(tile.residuals, basis.patients)
    const columns = new Float32Array(this.#columns * voxels)
    this.#grams.load(voxels, residuals)
    let column = 0
    for (const [f, fold] of this.#folds.entries()) {
      const weights = this.#weightsOf(fold, tile)
      for (const [h, patient] of fold.held.entries()) {
        const map = maps.subarray(patient * voxels, (patient + 1) * voxels)
        const outside = this.#outsideOf(patient, firstVoxel, voxels)
        for (let v = 0; v < voxels; v++) {
          const weight = outside[v]! * weights[v]!
          columns[column * voxels + v] = weight * map[v]!
          columns[(column + 1) * voxels + v] = weight
        }
        addMap(map, outside, this.#mapSums[f]![h]!)
        column += 2
      }
      for (let v = 0; v < voxels; v++) weights[v]! *= weights[v]!
      this.#grams.add(f, weights)
    }
    this.#withMaps.load(voxels, residuals, seriesInRows(columns, this.#columns, voxels))
    this.#withMaps.add(0, new Float32Array(voxels).fill(1))
    releaseMemory(maps, tile.residuals, columns)
  }

  /** The sums of a fold's patients held out, of whom the lesion is read when they are asked for; valid until the next is. */
  ofFold(f: number): (h: number) => ModelSums {
    const { patients } = this.#prediction.basis
    const fold = this.#folds[f]!
    const firstColumn = 2 * this.#folds.slice(0, f).reduce((sum, { held }) => sum + held.length, 0)
    const whole = this.#grams.sums(f)
    const products = this.#withMaps.sums(0)
    const columnOf = (column: number) =>
      Float64Array.from({ length: patients }, (_, i) => products[i * this.#columns + column]!)
    return (h: number) => {
      const gram = this.#gramOfLesion(fold, fold.held[h]!)
      for (let k = 0; k < gram.length; k++) gram[k] = whole[k]! - gram[k]!
      return {
        withMap: columnOf(firstColumn + 2 * h),
        alone: columnOf(firstColumn + 2 * h + 1),
        gram,
        map: this.#mapSums[f]![h]!
      }
    }
  }

  #weightsOf(fold: TrainingFold, tile: ResidualTile): Float64Array {
    const weights = this.#weights.subarray(0, tile.voxels)
    trainingWeights(fold, tile, weights)
    return weights
  }

  #lesionOf(patient: number): Int32Array {
    const { lesionVoxels, lesionStarts } = this.#prediction
    return lesionVoxels.subarray(lesionStarts[patient]!, lesionStarts[patient + 1]!)
  }

  /** 1 outside of a patient's lesion, 0 inside. */
  #outsideOf(patient: number, firstVoxel: number, voxels: number): Float32Array {
    const outside = this.#outside.subarray(0, voxels).fill(1)
    for (const voxel of this.#lesionOf(patient)) {
      if (voxel >= firstVoxel && voxel < firstVoxel + voxels) outside[voxel - firstVoxel] = 0
    }
    return outside
  }

  /** The Gram matrix of a fold over the voxels of a patient's lesion. */
  #gramOfLesion(fold: TrainingFold, patient: number): Float64Array<ArrayBuffer> {
    const { basis } = this.#prediction
    const lesion = this.#lesionOf(patient)
    const matrix = this.#folds.length
    this.#grams.clear(matrix)
    for (let from = 0; from < lesion.length; from += tileVoxels) {
      const voxels = lesion.subarray(from, from + tileVoxels)
      const count = voxels.length
      const maps = this.#read(voxels)
      const tile = residualTile(basis, { maps, rowVoxels: count, firstVoxel: 0, voxels: count })
      const weights = this.#weightsOf(fold, tile)
      for (let v = 0; v < count; v++) weights[v]! *= weights[v]!
      this.#grams.load(count, seriesInColumns(tile.residuals, basis.patients))
      this.#grams.add(matrix, weights)
      releaseMemory(maps, tile.residuals)
    }
    return this.#grams.sums(matrix, this.#gram)
  }

  /** The maps in single voxels, ascending: read tile by tile, from the first to the last that is wanted of each. Shape: (patients, voxels). */
  #read(voxels: Int32Array): Float32Array {
    const { kept } = this.#prediction
    const count = voxels.length
    const maps = new Float32Array(kept.length * count)
    for (let from = 0; from < count; ) {
      const tile = Math.floor(voxels[from]! / tileVoxels)
      let end = from + 1
      while (end < count && Math.floor(voxels[end]! / tileVoxels) === tile) end++
      const firstVoxel = voxels[from]!
      const own = voxels[end - 1]! - firstVoxel + 1
      const read = readTile(this.#start.source, kept, { firstVoxel, voxels: own })
      for (let n = 0; n < kept.length; n++) {
        for (let v = from; v < end; v++) maps[n * count + v] = read[n * own + voxels[v]! - firstVoxel]!
      }
      releaseMemory(read)
      from = end
    }
    return maps
  }
}

const addMap = (map: Float32Array, outside: Float32Array, sums: Summed): void => {
  for (let v = 0; v < map.length; v++) {
    const value = map[v]! * outside[v]!
    sums.voxels += outside[v]!
    sums.sum += value
    sums.squares += value * value
  }
}
