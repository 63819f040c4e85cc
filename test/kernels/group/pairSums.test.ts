import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { addPairSums, correlationOfSums } from "../../../src/kernels/group/pairSums.ts"

const naiveCorrelation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: ReadonlyArray<number>, ofX: number, y: ReadonlyArray<number>, ofY: number) =>
    x.reduce((sum, value, n) => sum + (value - ofX) * (y[n]! - ofY), 0)
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB))
}

describe("the sums of a correlation", () => {
  it("make that of the voxels that are chosen of either map, from tiles", () => {
    const [one, other] = [new Float32Array(50), new Float32Array(60)]
    const random = new Xoshiro128(2, 9)
    random.fillGaussian(one)
    random.fillGaussian(other)
    const ofOne = Int32Array.from({ length: 25 }, (_, n) => 2 * n)
    const ofOther = Int32Array.from({ length: 25 }, (_, n) => 10 + n)
    for (const [n, v] of ofOther.entries()) other[v]! += one[ofOne[n]!]!
    const sums = new Float64Array(10)
    addPairSums(one, other, { ofOne: ofOne.subarray(0, 9), ofOther: ofOther.subarray(0, 9) }, sums, 5)
    addPairSums(one, other, { ofOne: ofOne.subarray(9), ofOther: ofOther.subarray(9) }, sums, 5)
    const expected = naiveCorrelation(
      Array.from(ofOne, (v) => one[v]!),
      Array.from(ofOther, (v) => other[v]!)
    )
    assert.closeTo(correlationOfSums(sums, 5, 25)!, expected, 1e-12)
    assert.deepStrictEqual([...sums.subarray(0, 5)], [0, 0, 0, 0, 0])
  })

  it("make none where a map is the same everywhere", () => {
    const sums = new Float64Array(5)
    const all = Int32Array.of(0, 1, 2)
    addPairSums([0.1, 0.1, 0.1], [1, 2, 3], { ofOne: all, ofOther: all }, sums, 0)
    assert.isUndefined(correlationOfSums(sums, 0, 3))
  })
})
