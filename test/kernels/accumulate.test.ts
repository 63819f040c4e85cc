import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { accumulate } from "../../src/kernels/accumulate.ts"
import { fractionBits, fractionBitsOfFew, roundingTo } from "../../src/kernels/fixedPoint.ts"
import { naiveSum } from "../support/naiveSums.ts"

const zOf = (subject: number, lesion: number, voxel: number) =>
  8.3 * Math.sin(1 + subject * 31 + lesion * 7 + voxel * 3)

interface Tile {
  readonly lesions: number
  readonly voxels: number
  readonly first: number
  readonly last: number
}

const addSubject = (
  subject: number,
  { lesions, voxels, first, last }: Tile,
  sums: BigInt64Array,
  toFixed: (value: number) => bigint
) => {
  const width = last - first
  const z = Float64Array.from({ length: lesions * width }, (_, i) =>
    zOf(subject, Math.floor(i / width), first + (i % width))
  )
  accumulate(z, lesions, voxels, first, last, sums, toFixed)
}

describe("accumulate", () => {
  it("adds z and z² of each subject as BigInt does, however the voxels are cut and whatever the subjects' order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 25 }),
        fc.constantFrom(fractionBits, fractionBitsOfFew),
        fc.boolean(),
        (subjects, lesions, voxels, width, digits, reversed) => {
          const sums = new BigInt64Array(2 * lesions * voxels)
          for (let n = 0; n < subjects; n++) {
            const subject = reversed ? subjects - 1 - n : n
            for (let first = 0; first < voxels; first += width) {
              const tile = { lesions, voxels, first, last: Math.min(voxels, first + width) }
              addSubject(subject, tile, sums, roundingTo(digits))
            }
          }
          for (let lesion = 0; lesion < lesions; lesion++) {
            for (let voxel = 0; voxel < voxels; voxel++) {
              const z = Array.from({ length: subjects }, (_, subject) => zOf(subject, lesion, voxel))
              const at = 2 * lesion * voxels + voxel
              assert.strictEqual(sums[at], naiveSum(z, digits))
              assert.strictEqual(
                sums[at + voxels],
                naiveSum(
                  z.map((value) => value * value),
                  digits
                )
              )
            }
          }
        }
      ),
      { seed: 6 }
    )
  })

  it("holds 100,000 subjects with the largest z", () => {
    const z = Math.atanh(1 - 2 ** -23)
    const sums = new BigInt64Array(2)
    const toFixed = roundingTo(fractionBits)
    for (let subject = 0; subject < 100_000; subject++) accumulate(Float64Array.of(z), 1, 1, 0, 1, sums, toFixed)
    assert.deepStrictEqual([...sums], [100_000n * toFixed(z), 100_000n * toFixed(z * z)])
  })

  it("leaves the other columns alone and ignores what lies behind the tile in its buffer", () => {
    const sums = new BigInt64Array(20).fill(1n)
    accumulate(Float64Array.of(2, 3, 4, 5, 99, 99), 2, 5, 1, 3, sums, (value) => BigInt(value))
    assert.deepStrictEqual([...sums], [1, 3, 4, 1, 1, 1, 5, 10, 1, 1, 1, 5, 6, 1, 1, 1, 17, 26, 1, 1].map(BigInt))
  })
})
