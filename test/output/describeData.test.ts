import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { canonicalJson } from "../../src/output/canonicalJson.ts"
import { describeData } from "../../src/output/describeData.ts"

const textOf = (value: unknown) => canonicalJson(describeData(value))

describe("describeData", () => {
  it("describes other data otherwise, also what JSON has not", () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const described = [
      ...[undefined, null, true, 1, "1", 1n, Number.NaN, "NaN", Number.NEGATIVE_INFINITY, 0, -0],
      ...[[], {}, [1], [[1]], { 0: 1 }, { list: [1] }, { a: undefined }, { a: null }],
      ...[new Map([[1, 2]]), new Set([1, 2]), new Map([[2, 1]]), new Date(0), new Date(Number.NaN), /a/, /a/g],
      ...[
        Uint8Array.of(1),
        Int8Array.of(1),
        Uint8Array.of(1, 0),
        Uint8Array.of(1).buffer,
        new DataView(new ArrayBuffer(1))
      ],
      ...[Float32Array.of(0), Float32Array.of(-0), Object(1), cyclic, { self: {} }, { self: { self: cyclic } }]
    ].map(textOf)
    assert.strictEqual(new Set(described).size, described.length)
  })

  it("describes equal data alike: copies, other orders of keys, and views of the same values", () =>
    fc.assert(
      fc.property(
        fc.object({ withBigInt: true, withTypedArray: true, withDate: true, withMap: true, withSet: true }),
        (value) => {
          const reordered = Object.fromEntries(Object.entries(value).toReversed())
          assert.strictEqual(textOf(structuredClone(value)), textOf(value))
          assert.strictEqual(textOf(reordered), textOf(value))
          assert.strictEqual(textOf(new Float64Array(5).fill(7).subarray(2)), textOf(new Float64Array(3).fill(7)))
        }
      )
    ))
})
