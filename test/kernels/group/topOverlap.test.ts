import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { topOverlap as overlapOf } from "../../../src/kernels/group/topOverlap.ts"

const topOverlap = (one: Float32Array, other: Float32Array, share: number) =>
  overlapOf(one, other, share, new Float32Array(one.length))

describe("the overlap of the largest values", () => {
  it("is the Dice coefficient of sets made by sorting", () => {
    const random = new Xoshiro128(6, 2)
    const [one, noise] = [new Float32Array(333), new Float32Array(333)]
    random.fillGaussian(one)
    random.fillGaussian(noise)
    const other = one.map((value, v) => value + noise[v]!)
    const top = (values: Float32Array) =>
      new Set([...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, Math.ceil(333 * 0.05)))
    const [a, b] = [top(one), top(other)]
    const shared = [...a].filter((v) => b.has(v)).length
    assert.isAbove(shared, 0)
    assert.strictEqual(topOverlap(one, other, 0.05), (2 * shared) / 34)
  })

  it("counts values with their sign", () => {
    const one = Float32Array.from({ length: 100 }, (_, v) => v - 50)
    assert.strictEqual(topOverlap(one, one, 0.05), 1)
    assert.strictEqual(
      topOverlap(
        one,
        one.map((value) => -value),
        0.05
      ),
      0
    )
  })

  it("takes equal values together, and is undefined where these are far more than were meant", () => {
    const rising = Float32Array.from({ length: 100 }, (_, v) => v)
    // Six voxels share the place of the fifth: 2 · 5/(6 + 5).
    assert.closeTo(
      topOverlap(
        rising.map((value) => Math.min(value, 94)),
        rising,
        0.05
      )!,
      10 / 11,
      1e-15
    )
    assert.isUndefined(
      topOverlap(
        rising.map((value) => Math.min(value, 80)),
        rising,
        0.05
      )
    )
    assert.isUndefined(topOverlap(new Float32Array(100), rising, 0.05))
    assert.isUndefined(topOverlap(new Float32Array(0), new Float32Array(0), 0.05))
  })
})
