import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { findComponents, makeComponentMemory } from "../../src/kernels/connectedComponents.ts"

type Shape = readonly [number, number, number]

/** Clusters by walking from each voxel to its neighbours: lists of elements, in the order of their first. */
const naiveClusters = (values: Float32Array, [nx, ny, nz]: Shape, threshold: number): Array<Array<number>> => {
  const signOf = (element: number) => (values[element]! >= threshold ? 1 : values[element]! <= -threshold ? -1 : 0)
  const seen = new Set<number>()
  const clusters: Array<Array<number>> = []
  for (let start = 0; start < values.length; start++) {
    if (signOf(start) === 0 || seen.has(start)) continue
    const cluster = [start]
    seen.add(start)
    for (let at = 0; at < cluster.length; at++) {
      const element = cluster[at]!
      const [i, j, k] = [element % nx, Math.floor(element / nx) % ny, Math.floor(element / (nx * ny))]
      const besides = [
        ...(i > 0 ? [element - 1] : []),
        ...(i + 1 < nx ? [element + 1] : []),
        ...(j > 0 ? [element - nx] : []),
        ...(j + 1 < ny ? [element + nx] : []),
        ...(k > 0 ? [element - nx * ny] : []),
        ...(k + 1 < nz ? [element + nx * ny] : [])
      ]
      for (const other of besides) {
        if (seen.has(other) || signOf(other) !== signOf(start)) continue
        seen.add(other)
        cluster.push(other)
      }
    }
    clusters.push(cluster.sort((a, b) => a - b))
  }
  return clusters
}

const side = fc.integer({ min: 1, max: 7 })
const value = fc.oneof(
  fc.constantFrom(0, 5, -5, 5.000001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.double({ min: -12, max: 12, noNaN: true })
)

describe("findComponents", () => {
  it("finds the clusters, sizes and peaks that walking from voxel to voxel finds", () => {
    const volume = fc
      .tuple(side, side, side)
      .chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          fc.array(value, { minLength: shape[0] * shape[1] * shape[2], maxLength: shape[0] * shape[1] * shape[2] })
        )
      )
    fc.assert(
      fc.property(volume, ([shape, stored]) => {
        const values = Float32Array.from(stored)
        const memory = makeComponentMemory(values.length)
        // What an earlier volume has left must not matter.
        memory.labels.fill(9)
        memory.parents.fill(3)
        const { count, sizes, peaks } = findComponents(values, shape, 5, memory)
        const expected = naiveClusters(values, shape, 5)
        assert.strictEqual(count, expected.length)
        const labels = new Int32Array(values.length)
        for (const [n, cluster] of expected.entries()) {
          for (const element of cluster) labels[element] = values[element]! < 0 ? -(n + 1) : n + 1
          assert.strictEqual(sizes[n + 1], cluster.length)
          const strongest = cluster.reduce((best, element) =>
            Math.abs(values[element]!) > Math.abs(values[best]!) ? element : best
          )
          assert.strictEqual(peaks[n + 1], strongest)
        }
        assert.deepStrictEqual(memory.labels, labels)
      }),
      { seed: 11, numRuns: 400 }
    )
  })

  it("joins two columns that meet in the last row only", () => {
    // Two columns grow apart row by row and touch in the last one.
    const [nx, ny] = [5, 5]
    const values = new Float32Array(nx * ny)
    for (let j = 0; j < ny; j++) for (const i of [0, 4]) values[i + nx * j] = 6
    for (let i = 0; i < nx; i++) values[i + nx * (ny - 1)] = 6
    const memory = makeComponentMemory(values.length)
    const { count, sizes } = findComponents(values, [nx, ny, 1], 5, memory)
    assert.strictEqual(count, 1)
    assert.strictEqual(sizes[1], 13)
  })
})
