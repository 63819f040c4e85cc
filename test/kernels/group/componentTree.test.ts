import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { clusterSizes } from "../../../src/kernels/group/clusterSizes.ts"
import { growComponentTree, makeComponentTree } from "../../../src/kernels/group/componentTree.ts"
import { faceNeighbours } from "../../../src/kernels/group/faceNeighbours.ts"
import { makeSizeOrder, sortBySize } from "../../../src/kernels/group/sortBySize.ts"
import { enhanceClusters } from "../../../src/kernels/group/tfce.ts"

type Shape = readonly [number, number, number]

/** Voxels of a mask that share a face, from their places. */
const touching = (elements: ReadonlyArray<number>, [nx, ny]: Shape) => {
  const places = elements.map((e) => [e % nx, Math.floor(e / nx) % ny, Math.floor(e / (nx * ny))] as const)
  return elements.map((_, a) =>
    [...elements.keys()].filter(
      (b) => places[a]!.reduce((sum, value, axis) => sum + Math.abs(value - places[b]![axis]!), 0) === 1
    )
  )
}

/** The component of a voxel among those at or beyond a height of its sign, by flooding. */
const componentAt = (
  values: ArrayLike<number>,
  near: ReadonlyArray<ReadonlyArray<number>>,
  at: number,
  height: number
) => {
  const sign = Math.sign(values[at]!)
  const found = new Set([at])
  for (const voxel of found) for (const other of near[voxel]!) if (sign * values[other]! >= height) found.add(other)
  return [...found]
}

/** The sum over all distinct heights of the map, of the definition. */
const naiveTfce = (values: ArrayLike<number>, near: ReadonlyArray<ReadonlyArray<number>>, voxel: number) => {
  const top = Math.abs(values[voxel]!)
  const heights = [...new Set(Array.from(values, Math.abs))].filter((h) => h > 0 && h <= top).sort((a, b) => a - b)
  let sum = 0
  for (const [i, height] of heights.entries()) {
    const below = heights[i - 1] ?? 0
    sum += Math.sqrt(componentAt(values, near, voxel, height).length) * ((height ** 3 - below ** 3) / 3)
  }
  return Math.sign(values[voxel]!) * sum
}

/** A smooth map, or of few distinct values, on the part of a grid that is in a mask. */
const mapOf = (shape: Shape, seed: number, steps: number) => {
  const random = new Xoshiro128(seed, 1)
  const cells = shape[0] * shape[1] * shape[2]
  const elements = [...Array(cells).keys()].filter(() => random.nextUniform() < 0.8)
  const noise = new Float32Array(cells)
  random.fillGaussian(noise)
  const values = Float32Array.from(elements, (e) => noise[e]! + (noise[e - 1] ?? 0) + (noise[e + shape[0]] ?? 0))
  return { elements, values: steps > 0 ? values.map((value) => Math.round(value * steps) / steps) : values }
}

const arbitraryMap = fc
  .record({
    shape: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 })),
    seed: fc.nat(1e6),
    steps: fc.constantFrom(0, 1, 3)
  })
  .map(({ shape, seed, steps }) => ({ shape, ...mapOf(shape, seed, steps) }))

describe("faceNeighbours", () => {
  it("are the voxels of the mask at a distance of one", () => {
    fc.assert(
      fc.property(arbitraryMap, ({ shape, elements }) => {
        const neighbours = faceNeighbours(elements, shape)
        for (const [voxel, near] of touching(elements, shape).entries()) {
          const found = [...neighbours.subarray(6 * voxel, 6 * voxel + 6)].filter((n) => n >= 0)
          assert.deepStrictEqual(
            found.sort((a, b) => a - b),
            near
          )
        }
      }),
      { seed: 3, numRuns: 50 }
    )
  })
})

describe("sortBySize", () => {
  it("sorts voxels by |value|, largest first, without zeros, NaN and what is smaller than the least", () => {
    const values = Float32Array.of(0, -3, 2, Number.NaN, -0, 1e-30, 2.5, -1e10, 0.4, 3)
    const sizes = makeSizeOrder(values.length)
    const count = sortBySize(values, 0, sizes)
    assert.deepStrictEqual([...sizes.order.subarray(0, count)], [7, 1, 9, 6, 2, 8, 5])
    assert.strictEqual(sortBySize(values, 2.5, sizes), 4)
  })

  it("sorts as comparing numbers does", () => {
    const { values } = mapOf([20, 20, 20], 5, 0)
    const sizes = makeSizeOrder(values.length)
    const count = sortBySize(values, 0, sizes)
    const found = Array.from(sizes.order.subarray(0, count), (voxel) => Math.abs(values[voxel]!))
    assert.deepStrictEqual(
      found,
      Array.from(values, Math.abs)
        .filter((value) => value > 0)
        .sort((a, b) => b - a)
    )
  })
})

describe("enhanceClusters", () => {
  it("is the sum over all distinct heights, for positive and negative voxels apart, with and without ties", () => {
    fc.assert(
      fc.property(arbitraryMap, ({ shape, elements, values }) => {
        const tree = makeComponentTree(values.length)
        const count = growComponentTree(values, faceNeighbours(elements, shape), 0, tree)
        const enhanced = new Float64Array(values.length)
        const largest = enhanceClusters(values, tree, count, enhanced)
        const near = touching(elements, shape)
        for (const [voxel, value] of enhanced.entries()) {
          const naive = naiveTfce(values, near, voxel)
          assert.closeTo(value, naive, 1e-12 * Math.abs(naive), `voxel ${voxel}`)
        }
        assert.strictEqual(largest, Math.max(0, ...enhanced.map(Math.abs)))
      }),
      { seed: 1, numRuns: 100 }
    )
  })

  it("is the closed form on a flat slab, and the same when a tree's memory is used again", () => {
    const elements = [...Array(4 * 5).keys()]
    const neighbours = faceNeighbours(elements, [4, 5, 1])
    const tree = makeComponentTree(20)
    const enhanced = new Float64Array(20)
    growComponentTree(mapOf([4, 5, 1], 1, 0).values, neighbours, 0, tree)
    const values = new Float32Array(20).fill(-2)
    const count = growComponentTree(values, neighbours, 0, tree)
    assert.closeTo(enhanceClusters(values, tree, count, enhanced), (Math.sqrt(20) * 8) / 3, 1e-13)
    for (const value of enhanced) assert.closeTo(value, (-Math.sqrt(20) * 8) / 3, 1e-13)
  })
})

describe("clusterSizes", () => {
  it("are extent and mass of the flooded components at the threshold, from a tree of these voxels or of all", () => {
    fc.assert(
      fc.property(arbitraryMap, fc.constantFrom(0.5, 1, 4 / 3), ({ shape, elements, values }, threshold) => {
        const neighbours = faceNeighbours(elements, shape)
        const near = touching(elements, shape)
        for (const least of [0, threshold]) {
          const tree = makeComponentTree(values.length)
          const count = growComponentTree(values, neighbours, least, tree)
          const sizes = { extents: new Float64Array(values.length), masses: new Float64Array(values.length) }
          const largest = clusterSizes(values, tree, { count, threshold }, sizes)
          for (let voxel = 0; voxel < values.length; voxel++) {
            const inside = Math.abs(values[voxel]!) >= threshold
            const members = inside ? componentAt(values, near, voxel, threshold) : []
            assert.strictEqual(sizes.extents[voxel], members.length)
            const mass = members.reduce((sum, member) => sum + Math.abs(values[member]!), 0)
            assert.closeTo(sizes.masses[voxel]!, mass, 1e-12 * mass)
          }
          assert.strictEqual(largest.extent, Math.max(0, ...sizes.extents))
          assert.strictEqual(largest.mass, Math.max(0, ...sizes.masses))
        }
      }),
      { seed: 2, numRuns: 100 }
    )
  })
})
