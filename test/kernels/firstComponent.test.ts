import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { firstComponent } from "../../src/kernels/firstComponent.ts"
import { keepByLoading } from "../../src/kernels/keepByLoading.ts"

/** Rows of correlations about 0.5, with a first component that stands out by `strength` and a second, as integers. */
const matrixOf = (rows: number, columns: number, seed: number, strength = 0.2): ReadonlyArray<Int32Array> => {
  const random = new Xoshiro128(seed, rows)
  const draw = (length: number) => {
    const values = new Float32Array(length)
    random.fillGaussian(values)
    return values
  }
  const [first, second] = [draw(columns), draw(columns)]
  return Array.from({ length: rows }, () => {
    const [a, b] = draw(2) as unknown as [number, number]
    const noise = draw(columns)
    return Int32Array.from(noise, (value, v) =>
      Math.round(2 ** 30 * Math.tanh(0.5 + strength * a * first[v]! + 0.5 * strength * b * second[v]! + 0.05 * value))
    )
  })
}

/** The rows within a larger matrix, other numbers around them. */
const componentOf = (rows: ReadonlyArray<Int32Array>) => {
  const columns = rows[0]!.length
  const rowValues = columns + 5
  const values = new Int32Array(3 + rows.length * rowValues).fill(7)
  for (const [s, row] of rows.entries()) values.set(row, 3 + s * rowValues)
  return firstComponent({ values, first: 3, rows: rows.length, rowValues, columns })
}

/** Eigenvector of the covariance matrix by very many steps of the power iteration: slow and simple. */
const naiveComponent = (rows: ReadonlyArray<Int32Array>): Float64Array => {
  const columns = rows[0]!.length
  const means = Array.from({ length: columns }, (_, v) => rows.reduce((sum, row) => sum + row[v]! / rows.length, 0))
  const centred = rows.map((row) => Float64Array.from(row, (value, v) => (value - means[v]!) / 2 ** 30))
  let vector = Float64Array.from({ length: columns }, (_, v) => 1 + Math.sin(v))
  for (let step = 0; step < 3000; step++) {
    const image = new Float64Array(columns)
    for (const row of centred) {
      const product = row.reduce((sum, value, v) => sum + value * vector[v]!, 0)
      for (let v = 0; v < columns; v++) image[v]! += product * row[v]!
    }
    const norm = Math.hypot(...image)
    vector = image.map((value) => value / norm)
  }
  return vector
}

const assertSameUpToSign = (actual: Float64Array, expected: ArrayLike<number>, tolerance: number) => {
  assert.strictEqual(actual.length, expected.length)
  const largest = actual.reduce((at, value, v) => (Math.abs(value) > Math.abs(actual[at]!) ? v : at), 0)
  const sign = Math.sign(actual[largest]! * expected[largest]!)
  for (const [v, value] of actual.entries()) assert.closeTo(value, sign * expected[v]!, tolerance, `loading ${v}`)
}

const python = "/usr/bin/python3"
const hasNumpy = existsSync(python)

describe("firstComponent", () => {
  it("is the leading eigenvector of the covariance matrix, for any number of rows and columns", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 15 }),
        fc.nat(1e6),
        (rows, columns, seed) => {
          const matrix = matrixOf(rows, columns, seed, 0.4)
          assertSameUpToSign(componentOf(matrix), naiveComponent(matrix), 1e-6)
        }
      ),
      { seed: 4, numRuns: 40 }
    )
  })

  it.skipIf(!hasNumpy)("is numpy's first right singular vector to 1e-10", () => {
    const shapes = [
      [40, 300],
      [300, 40],
      [2, 50],
      [50, 2],
      [120, 121],
      [200, 200]
    ] as const
    const matrices = [
      ...shapes.map(([rows, columns], n) => matrixOf(rows, columns, n)),
      // Noise only: the first component hardly stands out.
      matrixOf(60, 90, 11, 0)
    ]
    const input = JSON.stringify(matrices.map((rows) => rows.map((row) => [...row])))
    const script = join(import.meta.dirname, "firstComponent.py")
    const output = execFileSync(python, ["-B", script], { input, maxBuffer: 2 ** 24, encoding: "utf8" })
    const found = JSON.parse(output) as ReadonlyArray<{ readonly vector: ReadonlyArray<number> }>
    for (const [n, rows] of matrices.entries()) assertSameUpToSign(componentOf(rows), found[n]!.vector, 1e-10)
  })

  it("is zero where no column has any spread, and for one row", () => {
    const same = Int32Array.of(2 ** 30, 3, -5)
    assert.deepStrictEqual(componentOf([same, same, same, same, same, same, same]), new Float64Array(3))
    assert.deepStrictEqual(componentOf([same]), new Float64Array(3))
  })

  it("takes the one column that has spread", () => {
    const rows = [1, 4, 2, 8, 5].map((value) => Int32Array.of(2 ** 30, value, 7, 7))
    assertSameUpToSign(componentOf(rows), [0, 1, 0, 0], 1e-15)
  })
})

describe("keepByLoading", () => {
  const keptOf = (loadings: ReadonlyArray<number>, percentile: number) => [
    ...keepByLoading(Float64Array.from(loadings), percentile)
  ]

  it("keeps what is at or above the percentile, interpolated linearly, whatever the sign", () => {
    assert.deepStrictEqual(keptOf([0.1, -0.5, 0.2, 0.4, -0.3], 50), [0, 1, 0, 1, 1])
    assert.deepStrictEqual(keptOf([0.1, -0.5, 0.2, 0.4, -0.3], 20), [0, 1, 1, 1, 1])
    assert.deepStrictEqual(keptOf([0.1, -0.5, 0.2, 0.4, -0.3], 51), [0, 1, 0, 1, 0])
    assert.deepStrictEqual(keptOf([0.1, -0.5], 20), [0, 1])
  })

  it("keeps all at 0, and the largest at 100", () => {
    assert.deepStrictEqual(keptOf([0.1, -0.5, 0.2], 0), [1, 1, 1])
    assert.deepStrictEqual(keptOf([0.1, -0.5, 0.2], 100), [0, 1, 0])
  })

  it("keeps the only voxel, and all where none has a loading", () => {
    assert.deepStrictEqual(keptOf([-1], 20), [1])
    assert.deepStrictEqual(keptOf([1], 100), [1])
    assert.deepStrictEqual(keptOf([0, 0, 0], 90), [1, 1, 1])
  })

  it("does not part loadings that differ by rounding", () => {
    const same = Math.SQRT1_2
    assert.deepStrictEqual(keptOf([same, -same * (1 + 2 ** -50)], 20), [1, 1])
    assert.deepStrictEqual(keptOf([0.1, 0.3, 0.3 * (1 - 2 ** -45), 0.3 * (1 + 2 ** -45)], 50), [0, 1, 1, 1])
    assert.deepStrictEqual(keptOf([0.1, 0.2, 0.3 * (1 - 1e-6), 0.3, 0.4], 75), [0, 0, 0, 1, 1])
  })

  it("keeps equal columns of a matrix together, in whatever place and number of rows", () => {
    for (const rows of [2, 3, 9, 40]) {
      const matrix = matrixOf(rows, 12, rows).map((row) => Int32Array.from([...row, ...row.subarray(0, 6)]))
      const loadings = componentOf(matrix)
      for (let percentile = 0; percentile <= 100; percentile += 5) {
        const kept = keepByLoading(loadings, percentile)
        assert.deepStrictEqual(kept.subarray(12), kept.subarray(0, 6))
      }
    }
  })
})
