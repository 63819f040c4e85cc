import { assert, describe, it } from "@effect/vitest"
import {
  count,
  decimals,
  percent,
  place,
  probability,
  several,
  significant,
  trimmed
} from "../../src/report/numbers.ts"

describe("numbers of the report", () => {
  it("set thousands apart", () => {
    assert.deepStrictEqual([0, 999, 1000, 228453, 1234567].map(count), [
      "0",
      "999",
      "1\u202f000",
      "228\u202f453",
      "1\u202f234\u202f567"
    ])
  })

  it("have as many digits as count", () => {
    assert.deepStrictEqual(
      [0, 0.012345, 1.2345, 12.345, 1234.5, -0.5].map((value) => significant(value)),
      ["0.00", "0.0123", "1.23", "12.3", "1235", "-0.500"]
    )
    assert.deepStrictEqual(
      [1.5e-7, 3e8, Number.NaN, -Number.POSITIVE_INFINITY].map((value) => significant(value, 2)),
      ["1.5e-7", "3.0e+8", "n/a", "-∞"]
    )
  })

  it("have no zeros at their end where they are thresholds", () => {
    assert.deepStrictEqual([5, 18.4, 0.05, 100, 1200.4, -7.25].map(trimmed), [
      "5",
      "18.4",
      "0.05",
      "100",
      "1200",
      "-7.25"
    ])
  })

  it("never say 0 or 100 per cent where it is not, nor -0", () => {
    assert.deepStrictEqual([0, 0.0004, 0.034, 0.5, 0.9996, 1].map(percent), [
      "0 %",
      "< 0.1 %",
      "3.4 %",
      "50 %",
      "> 99.9 %",
      "100 %"
    ])
    assert.strictEqual(decimals(-0.001, 2), "0.00")
    assert.strictEqual(place([-42.4, 0.3, -0.2]), "-42, 0, 0")
    assert.deepStrictEqual([several(1, "lesion"), several(2, "lesion")], ["1 lesion", "2 lesions"])
  })
})

describe("p", () => {
  it("has two digits, and no exponent where it can be read without", () => {
    assert.deepStrictEqual([1, 0.5, 0.0099999997, 0.012345, 0.0001, 0.00092, 2.5e-7, 0].map(probability), [
      "1",
      "0.5",
      "0.01",
      "0.012",
      "0.0001",
      "0.00092",
      "2.5e-7",
      "0"
    ])
  })
})
