import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import type { StatisticsOptions } from "../../src/elements/LesionMaps.ts"
import { fractionBitsOf } from "../../src/kernels/numericPolicy.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { mean, naiveBenjaminiHochberg, naiveTwoTailedP } from "../support/naiveMaps.ts"
import { naiveLesionSums } from "../support/naiveSums.ts"

/** Sums over subjects of z[subject][lesion][voxel]. */
const sumsOf = (z: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>): ConnectivitySums => {
  const lesions = z[0]!.length
  const voxels = z[0]![0]?.length ?? 0
  const sums = noSums({ lesions, voxels, fractionBits: fractionBitsOf(z.length) })
  for (let lesion = 0; lesion < lesions; lesion++) {
    const ofLesion = naiveLesionSums(
      z.map((subject) => subject[lesion]!),
      sums.fractionBits
    )
    sums.values.set(ofLesion.values, 2 * lesion * voxels)
  }
  const invalidSeeds = Uint32Array.from({ length: lesions }, (_, lesion) => lesion)
  return { ...sums, subjects: z.length, invalidVoxels: 4, invalidSeeds }
}

const mapsOf = (sums: ConnectivitySums, options: Partial<StatisticsOptions> = {}) =>
  Stream.runCollect(statistics({ fdrAlpha: 0.05, tThreshold: null, ...options }).transform(Stream.make(sums)))

const z = Array.from({ length: 6 }, (_, subject) =>
  Array.from({ length: 3 }, (_, lesion) =>
    Array.from({ length: 9 }, (_, voxel) => (voxel - 4) / 10 + Math.sin(subject * 7 + lesion * 3 + voxel) / (1 + voxel))
  )
)

describe("statistics", () => {
  it.effect("gives r, z, t, p and pfdr of each lesion, in the lesions' order", () =>
    Effect.gen(function* () {
      const results = yield* mapsOf(sumsOf(z))
      assert.deepStrictEqual(
        results.map(({ lesion, subjects, invalidVoxels, invalidSeeds }) => [
          lesion,
          subjects,
          invalidVoxels,
          invalidSeeds
        ]),
        [
          [0, 6, 4, 0],
          [1, 6, 4, 1],
          [2, 6, 4, 2]
        ]
      )
      for (const { lesion, maps } of results) {
        const pfdr = naiveBenjaminiHochberg(maps.p)
        for (let v = 0; v < 9; v++) {
          const values = z.map((subject) => subject[lesion]![v]!)
          const average = mean(values)
          const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 5)
          const t = average / (sd / Math.sqrt(6))
          // z is summed in multiples of 2⁻⁴⁰, which moves the variance by about as much.
          const share = 2 ** -40 / sd ** 2
          assert.closeTo(maps.z[v]!, average, 2 ** -41)
          assert.closeTo(maps.r[v]!, Math.tanh(average), 2 ** -41)
          assert.closeTo(maps.t[v]!, t, (share + 1e-13) * Math.abs(t) + 2 ** -40 / sd)
          assert.closeTo(maps.p[v]! / naiveTwoTailedP(maps.t[v]!, 5), 1, 1e-10)
          assert.strictEqual(maps.pfdr[v], pfdr[v])
        }
      }
    })
  )

  it.effect("gives t = 0 and p = 1 where z is the same in every subject", () =>
    Effect.gen(function* () {
      const [result] = yield* mapsOf(sumsOf(new Array(7).fill([[8.31776613691702, 0, -0.1]])))
      const { maps } = result!
      assert.deepStrictEqual([...maps.t], [0, 0, 0])
      assert.deepStrictEqual([...maps.p], [1, 1, 1])
      assert.deepStrictEqual([...maps.pfdr], [1, 1, 1])
      assert.isAbove(maps.r[0]!, 0.9999998)
    })
  )

  it.effect(
    "puts a voxel into the FDR mask below alpha, and into the t mask at the threshold and beyond, either sign",
    () =>
      Effect.gen(function* () {
        // Two subjects with z of a and b: t = (a + b) / |a - b|, here exactly 2, -2, 0.5 and 0.
        const two = [[[0.25, -0.25, 0.75, 1]], [[0.75, -0.75, -0.25, -1]]]
        const [result] = yield* mapsOf(sumsOf(two), { fdrAlpha: 0.6, tThreshold: 2 })
        const { maps, masks } = result!
        assert.deepStrictEqual([...maps.t], [2, -2, 0.5, 0])
        assert.deepStrictEqual([...masks.tthreshold!], [1, 1, 0, 0])
        assert.deepStrictEqual(
          [...masks.pfdrthreshold],
          [...maps.pfdr].map((p) => (p < 0.6 ? 1 : 0))
        )
        assert.deepStrictEqual([...masks.pfdrthreshold], [1, 1, 0, 0])
        // Below alpha, not at it.
        const [exact] = yield* mapsOf(sumsOf(two), { fdrAlpha: maps.pfdr[0]! })
        assert.deepStrictEqual([...exact!.masks.pfdrthreshold], [0, 0, 0, 0])
        assert.isUndefined(exact!.masks.tthreshold)
      })
  )

  it.effect("gives nothing where there is no lesion", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* mapsOf(sumsOf([[], []])), [])
    })
  )
})
