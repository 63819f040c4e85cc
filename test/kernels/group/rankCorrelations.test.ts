import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { multipleSpearman, partialSpearman, spearman } from "../../../src/kernels/group/rankCorrelations.ts"

const made = (seed: number): Float64Array => {
  const values = new Float32Array(30)
  new Xoshiro128(seed, 8).fillGaussian(values)
  // Ties.
  return Float64Array.from(values, (value) => Math.round(4 * value))
}
const [a, b, c, d] = [made(1), made(2), made(3), made(4)]

describe("rank correlations", () => {
  it("are 1 and -1 where one variable orders patients as the other, or the other way round", () => {
    const rising = Float64Array.of(1, 2, 30, 400)
    assert.closeTo(spearman(rising, Float64Array.of(0.1, 0.2, 0.3, 5)), 1, 1e-12)
    assert.closeTo(spearman(rising, Float64Array.of(4, 3, 2, -9)), -1, 1e-12)
    assert.closeTo(spearman(Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 1, 4, 3)), 0.6, 1e-12)
  })

  it("of one covariate follow from the plain ones, partial and multiple", () => {
    const [ab, ac, bc] = [spearman(a, b), spearman(a, c), spearman(b, c)]
    const partial = (ab - ac * bc) / Math.sqrt((1 - ac ** 2) * (1 - bc ** 2))
    assert.closeTo(partialSpearman(a, b, [c]), partial, 1e-12)
    const multiple = Math.sqrt((ab ** 2 + ac ** 2 - 2 * ab * ac * bc) / (1 - bc ** 2))
    assert.closeTo(multipleSpearman(a, [b, c]), multiple, 1e-12)
    assert.closeTo(multipleSpearman(a, [d]), Math.abs(spearman(a, d)), 1e-12)
  })

  it("are 0 where nothing varies, or nothing is left", () => {
    assert.strictEqual(spearman(a, new Float64Array(30).fill(2)), 0)
    assert.strictEqual(partialSpearman(a, b, [Float64Array.from(a, (value) => 2 * value + 1)]), 0)
    assert.strictEqual(multipleSpearman(new Float64Array(30), [a]), 0)
  })
})
