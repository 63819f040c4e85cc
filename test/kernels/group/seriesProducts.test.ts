import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { SeriesProducts } from "../../../src/kernels/group/SeriesProducts.ts"
import {
  type Series,
  seriesInColumns,
  seriesInRows,
  weightedProducts
} from "../../../src/kernels/group/weightedProducts.ts"

const random = new Xoshiro128(11, 2)

/** Series with a mean of their own and weights from 0 to 2, some 0. */
const made = (count: number, voxels: number): Series => {
  const values = new Float32Array(count * voxels)
  random.fillGaussian(values)
  return seriesInRows(
    values.map((value, i) => 0.2 * value + 0.1 * (Math.floor(i / voxels) % 5)),
    count,
    voxels
  )
}
const weightsOf = (voxels: number): Float32Array =>
  Float32Array.from({ length: voxels }, (_, v) => (v % 11 === 0 ? 0 : (v % 7) / 3))

/** Norms of series under weights. */
const normsOf = (series: Series, weights: Float32Array): Float64Array => {
  const one = new Float64Array(series.count)
  for (let i = 0; i < series.count; i++) {
    for (let v = 0; v < weights.length; v++) {
      one[i]! += weights[v]! * series.values[i * series.seriesStride + v * series.voxelStride]! ** 2
    }
  }
  return one.map(Math.sqrt)
}

const shapes = [
  { rows: 1, columns: 1, voxels: 1 },
  { rows: 7, columns: 5, voxels: 255 },
  { rows: 9, columns: 6, voxels: 256 },
  { rows: 17, columns: 13, voxels: 257 },
  { rows: 40, columns: 7, voxels: 1031 }
]

describe("weightedProducts", () => {
  it("adds the weighted products of two series, wherever their values lie", () => {
    const one = seriesInRows(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3)
    const other = seriesInColumns(Float64Array.of(1, 10, 100), 1)
    const sums = Float64Array.of(1, 0)
    weightedProducts(one, other, [1, 2, 0], sums)
    assert.deepStrictEqual([...sums], [1 + 1 + 40, 4 + 100])
  })
})

describe("SeriesProducts", async () => {
  const builds = await Promise.all([
    compileKernels({ arithmetic: "fast", vectors: "auto" }),
    compileKernels({ arithmetic: "fast", vectors: 128 }),
    compileKernels({ arithmetic: "strict", vectors: 128 })
  ])

  it("gives the products of float64 to 2e-6 of the norms, for any shape and arithmetic", () => {
    for (const { rows, columns, voxels } of shapes) {
      const [one, other, weights] = [made(rows, voxels), made(columns, voxels), weightsOf(voxels)]
      const exact = new Float64Array(rows * columns)
      weightedProducts(one, other, weights, exact)
      const [norms, otherNorms] = [normsOf(one, weights), normsOf(other, weights)]
      for (const { module } of builds) {
        const tile = new SeriesProducts(module, { rows, columns, voxels, matrices: 1 })
        tile.load(voxels, one, other)
        tile.add(0, weights)
        for (const [k, sum] of tile.sums(0).entries()) {
          const [i, j] = [Math.floor(k / columns), k % columns]
          assert.closeTo(sum, exact[k]!, 2e-6 * norms[i]! * otherNorms[j]! + 1e-30, `${rows} × ${columns}, ${voxels}`)
        }
      }
    }
  })

  it("makes a symmetric Gram matrix, each matrix with its weights, that goes on over tiles and can be cleared", () => {
    const [rows, voxels] = [29, 700]
    const [one, other] = [made(rows, voxels), made(rows, voxels)]
    const [first, second] = [weightsOf(voxels), weightsOf(voxels).map((weight) => 1 - weight / 2)]
    const exact = [new Float64Array(rows * rows), new Float64Array(rows * rows)] as const
    for (const tile of [one, other]) {
      weightedProducts(tile, tile, first, exact[0])
      weightedProducts(tile, tile, second, exact[1])
    }
    for (const { module } of builds) {
      const tile = new SeriesProducts(module, { rows, voxels, matrices: 2 })
      tile.load(voxels, one)
      tile.add(0, second)
      tile.clear(0)
      for (const own of [one, other]) {
        tile.load(voxels, own)
        tile.add(0, first)
        tile.add(1, second)
      }
      for (const [n, expected] of exact.entries()) {
        const sums = tile.sums(n)
        for (let k = 0; k < sums.length; k++) {
          const transposed = (k % rows) * rows + Math.floor(k / rows)
          assert.strictEqual(sums[k], sums[transposed])
          assert.closeTo(sums[k]!, expected[k]!, 2e-4)
        }
      }
    }
  })

  it("gives the same bits for both widths of vectors, and wherever the values lie", () => {
    const [rows, voxels] = [21, 300]
    const one = made(rows, voxels)
    const turned = new Float32Array(rows * voxels)
    for (let i = 0; i < rows; i++) for (let v = 0; v < voxels; v++) turned[v * rows + i] = one.values[i * voxels + v]!
    const bits = [one, seriesInColumns(turned, rows)].flatMap((series) =>
      builds.slice(0, 2).map(({ module }) => {
        const tile = new SeriesProducts(module, { rows, voxels, matrices: 1 })
        tile.load(voxels, series)
        tile.add(0, weightsOf(voxels))
        return tile.sums(0)
      })
    )
    for (const other of bits.slice(1)) assert.deepStrictEqual(other, bits[0])
  })
})
