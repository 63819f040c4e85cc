import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { componentMaps, leadingComponents } from "../../../src/kernels/group/leadingComponents.ts"
import { symmetricEigen } from "../../../src/kernels/group/symmetricEigen.ts"

const gaussian = (length: number, seed: number) => {
  const values = new Float32Array(length)
  new Xoshiro128(seed, 0).fillGaussian(values)
  return values
}

/** A symmetric matrix with these eigenvalues, of vectors that are a random rotation. */
const matrixOf = (eigenvalues: ReadonlyArray<number>, seed: number): ReadonlyArray<ReadonlyArray<number>> => {
  const size = eigenvalues.length
  const random = gaussian(size * size, seed)
  const symmetric = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => random[i * size + j]! + random[j * size + i]!)
  )
  const { vectors } = symmetricEigen(symmetric)
  return vectors.map((one) =>
    vectors.map((other) => eigenvalues.reduce((sum, value, k) => sum + value * one[k]! * other[k]!, 0))
  )
}

const flat = (matrix: ReadonlyArray<ReadonlyArray<number>>) => Float64Array.from(matrix.flat())

describe("the leading components", () => {
  it("are the eigenvectors of a Jacobi method, with their shares of the trace", () => {
    const matrix = matrixOf([9, 4, 3.9, 1, 0.5, 0.2, 0.1], 3)
    const { values, vectors } = symmetricEigen(matrix)
    const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!)
    const found = leadingComponents(flat(matrix), 7, 3)
    for (const [k, { vector, share }] of found.entries()) {
      assert.closeTo(share, values[order[k]!]! / 18.7, 1e-12)
      const product = vectors.reduce((sum, row, i) => sum + row[order[k]!]! * vector[i]!, 0)
      assert.closeTo(Math.abs(product), 1, 1e-12)
    }
  })

  it("has each of equal eigenvalues once", () => {
    const matrix = matrixOf([5, 5, 5, 1, 1], 8)
    const found = leadingComponents(flat(matrix), 5, 3)
    for (const { share } of found) assert.closeTo(share, 5 / 17, 1e-12)
    for (const [k, one] of found.entries()) {
      for (const [l, other] of found.entries()) {
        const product = one.vector.reduce((sum, value, i) => sum + value * other.vector[i]!, 0)
        assert.closeTo(product, k === l ? 1 : 0, 1e-10)
      }
    }
  })

  it("are none where the matrix has no more", () => {
    const [first, second, third] = leadingComponents(flat(matrixOf([2, 0, 0, 0], 5)), 4, 3)
    assert.closeTo(first!.share, 1, 1e-12)
    for (const component of [second!, third!]) {
      assert.strictEqual(component.share, 0)
      assert.deepStrictEqual([...component.vector], [0, 0, 0, 0])
    }
    const [nothing] = leadingComponents(new Float64Array(9), 3, 1)
    assert.strictEqual(nothing!.share, 0)
  })
})

describe("the maps of components", () => {
  it("are products with the centred maps, of one standard deviation", () => {
    const maps = gaussian(5 * 30, 7)
    const vector = Float64Array.of(0.5, -0.5, 0.5, -0.5, 0)
    const [map] = componentMaps(maps, 30, [{ vector, share: 1 }])
    for (let v = 0; v < 30; v++) {
      const own = [0, 1, 2, 3, 4].map((i) => maps[i * 30 + v]!)
      const mean = own.reduce((sum, value) => sum + value, 0) / 5
      const expected = own.reduce((sum, value, i) => sum + (vector[i]! * (value - mean)) / 2, 0)
      assert.closeTo(map![v]!, expected, 1e-12)
    }
  })
})
