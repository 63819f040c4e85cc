import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { concatenateParcels, type Parcellation, parcellationBytes } from "../../src/parcellations/Parcellation.ts"
import { parcellate } from "../../src/stages/Parcellate.ts"
import { memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { mapsOf } from "../support/runStages.ts"

const voxels = 31
const connectome = memoryConnectome({ subjects: 5, timePoints: 20, voxels })
const lesions = spreadRegions(4, voxels)

const parcellationOf = (
  name: string,
  members: ReadonlyArray<Int32Array>,
  weights?: ReadonlyArray<Float64Array>
): Parcellation => ({
  name,
  file: `/atlas/${name}.nii`,
  labelsFile: undefined,
  kind: weights === undefined ? "labels" : "probabilistic",
  parcels: members.map((_, n) => ({ index: n + 1, name: `parcel ${n + 1}` })),
  ...concatenateParcels(members, weights)
})

const parcellations = [
  parcellationOf("labels", [Int32Array.of(0, 1, 2, 7), Int32Array.of(), Int32Array.of(30)]),
  parcellationOf("soft", [Int32Array.of(0, 7, 9)], [Float64Array.of(0.5, 2, 1)])
]

const stage = parcellate({ lesions, voxels, parcellations })

const tables = Effect.gen(function* () {
  const maps = yield* mapsOf(connectome, lesions)
  const parcellated = yield* stage.transform(Stream.fromIterable(maps)).pipe(Stream.runCollect)
  return { maps, parcellated }
})

const mean = (values: Float64Array, members: ReadonlyArray<number>, weights: ReadonlyArray<number>) =>
  members.reduce((sum, voxel, n) => sum + weights[n]! * values[voxel]!, 0) / weights.reduce((sum, w) => sum + w, 0)

describe("parcellate", () => {
  it.effect("gives the mean of r, z and t in each parcel, weighted where the atlas is", () =>
    Effect.gen(function* () {
      const { maps, parcellated } = yield* tables
      for (const [l, { parcels }] of parcellated.entries()) {
        for (const statistic of ["r", "z", "t"] as const) {
          const map = maps[l]!.maps[statistic]
          const [hard, soft] = parcels.map(({ values }) => values[statistic])
          assert.closeTo(hard![0]!, mean(map, [0, 1, 2, 7], [1, 1, 1, 1]), 1e-13)
          assert.isNaN(hard![1])
          assert.strictEqual(hard![2], map[30])
          assert.closeTo(soft![0]!, mean(map, [0, 7, 9], [0.5, 2, 1]), 1e-13)
        }
      }
    })
  )

  it.effect("gives the share of each parcel that is lesioned", () =>
    Effect.gen(function* () {
      const { parcellated } = yield* tables
      for (const [l, { parcels }] of parcellated.entries()) {
        const lesioned = new Set(lesions[l]!.voxels)
        const count = (members: ReadonlyArray<number>) => members.filter((voxel) => lesioned.has(voxel)).length
        const weight = [0, 7, 9].reduce((sum, voxel, n) => sum + (lesioned.has(voxel) ? [0.5, 2, 1][n]! : 0), 0)
        const [hard, soft] = parcels.map(({ values }) => values.lesionload)
        assert.deepStrictEqual([...hard!], [count([0, 1, 2, 7]) / 4, Number.NaN, count([30])])
        assert.closeTo(soft![0]!, weight / 3.5, 1e-15)
      }
    })
  )

  it.effect("hands the maps on as they are, and without parcellations adds nothing", () =>
    Effect.gen(function* () {
      const { maps, parcellated } = yield* tables
      assert.deepStrictEqual(
        parcellated.map(({ parcels: _, ...rest }) => rest),
        [...maps]
      )
      const without = parcellate({ lesions, voxels, parcellations: [] })
      const [first] = yield* without.transform(Stream.make(maps[0]!)).pipe(Stream.runCollect)
      assert.deepStrictEqual(first!.parcels, [])
    })
  )

  it("holds the parcellations, a mask, and the tables of all lesions", () => {
    const shape = { voxels } as Parameters<typeof stage.footprintBytes>[0]
    const held = parcellations.reduce((sum, parcellation) => sum + parcellationBytes(parcellation), 0)
    // Four lesions, four statistics, four parcels, 8 B each.
    assert.strictEqual(stage.footprintBytes(shape), held + voxels + 4 * 4 * 4 * 8)
    assert.strictEqual(parcellate({ lesions, voxels, parcellations: [] }).footprintBytes(shape), 0)
  })
})
