import { assert, describe, it } from "@effect/vitest"
import { colourScale, spreadOver } from "../../src/report/colourScale.ts"

describe("colourScale", () => {
  it("takes the config's threshold of t, else that of the lowest overlap; its own for r and z", () => {
    assert.strictEqual(colourScale("t", null, [60]).threshold, 5)
    assert.strictEqual(colourScale("t", 7.5, [60]).threshold, 7.5)
    assert.strictEqual(colourScale("r", 7.5, [0.6]).threshold, 0.1)
  })

  it("has full colour at the median of the strengths, rounded up to two digits, or at twice the threshold", () => {
    assert.strictEqual(colourScale("t", null, [61.2, 20, 900]).limit, 62)
    assert.strictEqual(colourScale("r", null, [0.412]).limit, 0.42)
    assert.strictEqual(colourScale("t", null, [6]).limit, 10)
    assert.strictEqual(colourScale("t", null, []).limit, 10)
  })
})

describe("spreadOver", () => {
  it("takes up to four, with the first and the last", () => {
    assert.deepStrictEqual(spreadOver([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), [1, 4, 7, 10])
    assert.deepStrictEqual(spreadOver([1, 2]), [1, 2])
    assert.deepStrictEqual(spreadOver([1]), [1])
    assert.deepStrictEqual(spreadOver([]), [])
  })
})
