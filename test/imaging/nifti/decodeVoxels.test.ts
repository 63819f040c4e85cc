import { assert, describe, it } from "@effect/vitest"
import { decodeVoxels } from "../../../src/imaging/nifti/decodeVoxels.ts"
import { type DatatypeName, datatypes } from "../../../src/imaging/nifti/NiftiDatatype.ts"
import { voxelBytes } from "../../support/niftiBytes.ts"

const names = Object.keys(datatypes) as ReadonlyArray<DatatypeName>
const encoding = { littleEndian: true, slope: 1, inter: 0 }

/** A binary128 number from its sign and exponent (16 bits) and its fraction (112 bits), big-endian. */
const float128 = (signAndExponent: number, fraction: bigint): Uint8Array => {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, (BigInt(signAndExponent) << 48n) | (fraction >> 64n))
  view.setBigUint64(8, fraction & ((1n << 64n) - 1n))
  return bytes
}

const decodeFloat128 = (bytes: Uint8Array): number => {
  const into = new Float64Array(1)
  decodeVoxels(bytes, { ...encoding, datatype: "float128", littleEndian: false }, into)
  return into[0]!
}

describe("decodeVoxels", () => {
  it("decodes bytes that do not start on a multiple of the voxel's size", () => {
    for (const datatype of names) {
      const stored = [1, 2, 3, 100]
      const bytes = voxelBytes(stored, datatype)
      const shifted = new Uint8Array(bytes.length + 1)
      shifted.set(bytes, 1)
      const into = new Float64Array(4)
      decodeVoxels(shifted.subarray(1), { ...encoding, datatype }, into)
      assert.deepStrictEqual([...into], stored, datatype)
    }
  })

  it("picks the listed voxels in the order of the list, then scales", () => {
    for (const datatype of names) {
      for (const littleEndian of [true, false]) {
        const bytes = voxelBytes([10, 20, 30, 40], datatype, littleEndian)
        const into = new Float64Array(3)
        decodeVoxels(bytes, { datatype, littleEndian, slope: 0.5, inter: 1 }, into, Int32Array.of(3, 0, 3))
        assert.deepStrictEqual([...into], [21, 6, 21], datatype)
        decodeVoxels(bytes, { datatype, littleEndian, slope: 1, inter: 0 }, into, Int32Array.of(9, 7, 10), 7)
        assert.deepStrictEqual([...into], [30, 10, 40], `${datatype}, a part of a volume`)
      }
    }
  })

  it("rounds float128 to the nearest float64, ties to even", () => {
    const half = 1n << 59n
    const ulp = 1n << 60n
    assert.strictEqual(decodeFloat128(float128(0x3fff, 0n)), 1)
    assert.strictEqual(decodeFloat128(float128(0x3fff, half)), 1)
    assert.strictEqual(decodeFloat128(float128(0x3fff, half + 1n)), 1 + Number.EPSILON)
    assert.strictEqual(decodeFloat128(float128(0x3fff, ulp + half)), 1 + 2 * Number.EPSILON)
    assert.strictEqual(decodeFloat128(float128(0x3fff, (1n << 112n) - 1n)), 2)
    assert.strictEqual(decodeFloat128(float128(0xc000, 0n)), -2)
    assert.strictEqual(decodeFloat128(float128(0x7ffe, 0n)), Infinity)
    assert.strictEqual(decodeFloat128(float128(0x0001, 0n)), 0)
    assert.strictEqual(decodeFloat128(float128(0xffff, 0n)), -Infinity)
    assert.isNaN(decodeFloat128(float128(0x7fff, 1n)))
  })
})
