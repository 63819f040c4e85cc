import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { accumulate } from "../../src/kernels/accumulate.ts"

const zOf = (subject: number, lesion: number, voxel: number) => Math.sin(1 + subject * 31 + lesion * 7 + voxel * 3)

const addSubject = (
  subject: number,
  { lesions, voxels, first, last }: { lesions: number; voxels: number; first: number; last: number },
  sumZ: Float64Array,
  sumZ2: Float64Array
) => {
  const width = last - first
  const z = Float64Array.from({ length: lesions * width }, (_, i) =>
    zOf(subject, Math.floor(i / width), first + (i % width))
  )
  accumulate(z, lesions, voxels, first, last, sumZ, sumZ2)
}

describe("accumulate", () => {
  it("adds z and z² of each subject, to the bit in the subjects' order, however the voxels are cut", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 25 }),
        (subjects, lesions, voxels, width) => {
          const sumZ = new Float64Array(lesions * voxels)
          const sumZ2 = new Float64Array(lesions * voxels)
          for (let subject = 0; subject < subjects; subject++) {
            for (let first = 0; first < voxels; first += width) {
              addSubject(subject, { lesions, voxels, first, last: Math.min(voxels, first + width) }, sumZ, sumZ2)
            }
          }
          for (let lesion = 0; lesion < lesions; lesion++) {
            for (let voxel = 0; voxel < voxels; voxel++) {
              let [sum, sum2] = [0, 0]
              for (let subject = 0; subject < subjects; subject++) {
                sum += zOf(subject, lesion, voxel)
                sum2 += zOf(subject, lesion, voxel) ** 2
              }
              assert.strictEqual(sumZ[lesion * voxels + voxel], sum)
              assert.strictEqual(sumZ2[lesion * voxels + voxel], sum2)
            }
          }
        }
      ),
      { seed: 6 }
    )
  })

  it("leaves the other columns alone and ignores what lies behind the tile in its buffer", () => {
    const [sumZ, sumZ2] = [new Float64Array(10).fill(1), new Float64Array(10).fill(1)]
    accumulate(Float64Array.of(2, 3, 4, 5, 99, 99), 2, 5, 1, 3, sumZ, sumZ2)
    assert.deepStrictEqual([...sumZ], [1, 3, 4, 1, 1, 1, 5, 6, 1, 1])
    assert.deepStrictEqual([...sumZ2], [1, 5, 10, 1, 1, 1, 17, 26, 1, 1])
  })
})
