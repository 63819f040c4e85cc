import { assert, describe, it } from "@effect/vitest"
import { type DatatypeName, datatypes } from "../../src/imaging/nifti/NiftiDatatype.ts"
import type { NiftiHeader } from "../../src/imaging/nifti/NiftiHeader.ts"
import { findOccupied, visitNonZero } from "../../src/imaging/visitNonZero.ts"
import { voxelBytes } from "../support/niftiBytes.ts"

const names = Object.keys(datatypes) as ReadonlyArray<DatatypeName>

/** What is visited of stored numbers, as [element, value]. */
const visited = (
  stored: ReadonlyArray<number>,
  { datatype, littleEndian, slope, inter }: Pick<NiftiHeader, "datatype" | "littleEndian" | "slope" | "inter">,
  shift = 0
) => {
  const bytes = voxelBytes(stored, datatype, littleEndian)
  const shifted = new Uint8Array(bytes.length + shift)
  shifted.set(bytes, shift)
  const { bytesPerVoxel } = datatypes[datatype]
  const header = { datatype, littleEndian, slope, inter, bytesPerVoxel } as NiftiHeader
  const occupied = findOccupied(shifted.subarray(shift), header)
  const found: Array<readonly [number, number]> = []
  visitNonZero(occupied, (element, value) => void found.push([element, value]))
  return { found, runs: occupied.runs }
}

const expected = (stored: ReadonlyArray<number>, slope: number, inter: number) =>
  [...stored.entries()]
    .map(([element, value]) => [element, value * slope + inter] as const)
    .filter(([, value]) => value !== 0)

/** Zeros but for some voxels, at both ends, within, and full from 5000 on for longer than a run. */
const sparse = (voxels: number): ReadonlyArray<number> =>
  Array.from({ length: voxels }, (_, n) =>
    n === 0 || n === voxels - 1 || n % 977 === 5 ? 1 + (n % 3) : n >= 5000 && n < 8000 ? 4 : 0
  )

describe("visitNonZero", () => {
  it("visits the voxels that are not 0 in their order, of every datatype, byte order and alignment", () => {
    for (const datatype of names) {
      for (const littleEndian of [true, false]) {
        for (const shift of [0, 1]) {
          const stored = sparse(10_001)
          const { found } = visited(stored, { datatype, littleEndian, slope: 0.5, inter: 0 }, shift)
          assert.deepStrictEqual(found, expected(stored, 0.5, 0), `${datatype} ${littleEndian} ${shift}`)
        }
      }
    }
  })

  it("takes stored zeros for the intercept where there is one, and what it cancels for 0", () => {
    for (const datatype of names) {
      const stored = sparse(9000)
      const { found } = visited(stored, { datatype, littleEndian: true, slope: 2, inter: -2 })
      assert.deepStrictEqual(found, expected(stored, 2, -2), datatype)
    }
  })

  it("visits NaN, infinities and the least of numbers, and not -0", () => {
    for (const [datatype, least] of [
      ["float32", 2 ** -149],
      ["float64", Number.MIN_VALUE]
    ] as const) {
      const stored = [...new Array(500).fill(0), Number.NaN, -0, Number.POSITIVE_INFINITY, least, -0]
      const { found } = visited(stored, { datatype, littleEndian: true, slope: 1, inter: 0 })
      assert.deepStrictEqual(found, [
        [500, Number.NaN],
        [502, Number.POSITIVE_INFINITY],
        [503, least]
      ])
    }
  })

  it("looks at little beside the voxels that are not 0", () => {
    const stored = Array.from({ length: 100_000 }, (_, n) => (n === 70_000 ? 1 : 0))
    const { runs } = visited(stored, { datatype: "int16", littleEndian: true, slope: 1, inter: 0 })
    assert.deepStrictEqual(runs, [69_952, 70_016])
    assert.deepStrictEqual(visited([], { datatype: "uint8", littleEndian: true, slope: 1, inter: 0 }).runs, [])
  })
})
