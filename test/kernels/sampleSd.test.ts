import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { roundingTo } from "../../src/kernels/fixedPoint.ts"
import { lesionStatistics } from "../../src/kernels/lesionStatistics.ts"
import { fractionBitsOf } from "../../src/kernels/numericPolicy.ts"
import { statisticMaps } from "../../src/output/statisticMaps.ts"
import { mean } from "../support/naiveMaps.ts"

/** Maps of voxels from z of each subject; `z[voxel][subject]`, sums as a study of so many subjects has them. */
const mapsOf = (z: ReadonlyArray<ReadonlyArray<number>>) => {
  const subjects = z[0]!.length
  const fractionBits = fractionBitsOf(subjects)
  const toFixed = roundingTo(fractionBits)
  const [width, voxels] = [3, z.length]
  const values = new BigInt64Array(2 * width * Math.ceil(voxels / width))
  for (const [v, ofSubjects] of z.entries()) {
    const at = 2 * width * Math.floor(v / width) + (v % width)
    for (const value of ofSubjects) {
      values[at]! += toFixed(value)
      values[at + width]! += toFixed(value * value)
    }
  }
  return lesionStatistics({ values, width, step: 2 * width, voxels, subjects, fractionBits }, statisticMaps)
}

const naiveSd = (z: ReadonlyArray<number>): number => {
  const average = mean(z)
  return Math.sqrt(z.reduce((sum, value) => sum + (value - average) ** 2, 0) / (z.length - 1))
}

const zValues = fc.double({ min: -8.3, max: 8.3, noNaN: true }).map((z) => (Math.abs(z) < 1e-100 ? 0 : z))

const cohort = fc
  .tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 7 }))
  .chain(([subjects, voxels]) =>
    fc.array(fc.array(zValues, { minLength: subjects, maxLength: subjects }), { minLength: voxels, maxLength: voxels })
  )

describe("sampleSd", () => {
  it("is the root of the squared deviations over one less than the subjects, in each voxel by itself", () => {
    fc.assert(
      fc.property(cohort, (z) => {
        const { sd } = mapsOf(z)
        for (const [v, ofSubjects] of z.entries()) {
          const expected = naiveSd(ofSubjects)
          // The sums hold z and z² to half a unit, which moves the variance by less than this.
          const rounding =
            2 ** -fractionBitsOf(ofSubjects.length) * 20 + 2 ** -50 * mean(ofSubjects.map((one) => one ** 2))
          assert.isAtMost(Math.abs(sd[v]! ** 2 - expected ** 2), rounding + 1e-13 * expected ** 2)
        }
      }),
      { seed: 1, numRuns: 300 }
    )
  })

  it("is what t divides the mean by, for any number of subjects", () => {
    fc.assert(
      fc.property(cohort, (z) => {
        const { sd, t, z: average } = mapsOf(z)
        for (let v = 0; v < z.length; v++) {
          const expected = sd[v] === 0 ? 0 : average[v]! / (sd[v]! / Math.sqrt(z[v]!.length))
          assert.closeTo(t[v]!, expected, 1e-14 * Math.abs(expected))
        }
      }),
      { seed: 2, numRuns: 200 }
    )
  })

  it("is 0 where z is the same in every subject, up to the clip", () => {
    for (const level of [0, 1e-9, 0.1, 1 / 3, 5.55, 8.317766166719343, -8.317766166719343]) {
      for (const subjects of [2, 3, 4, 17, 1000]) {
        const { sd } = mapsOf([new Array<number>(subjects).fill(level)])
        assert.strictEqual(sd[0], 0, `${subjects} subjects with z = ${level}`)
      }
    }
  })

  it("is |a - b| / √2 for two subjects", () => {
    const { sd } = mapsOf([
      [0.25, 0.75],
      [3, -3],
      [-1, -1]
    ])
    for (const [v, expected] of [0.5 / Math.SQRT2, 6 / Math.SQRT2, 0].entries()) assert.closeTo(sd[v]!, expected, 1e-15)
  })
})
