import { rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { flipByte, truncate } from "../support/damage.ts"
import {
  memoryConnectome,
  spoiltConnectome,
  spreadRegions,
  weighted,
  withWholeBrain
} from "../support/memoryConnectome.ts"
import { mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const stored = storesIn(scratchFolder())

const assertSameBits = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    assert.deepStrictEqual(actual[l]!.maps, maps)
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

/** r and z within a bound, and as much counted as invalid. */
const assertWithin = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>, bound: number) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    for (const [v, r] of maps.r.entries()) {
      assert.isAtMost(Math.abs(actual[l]!.maps.r[v]! - r), bound, `r of lesion ${l}, voxel ${v}`)
      assert.isAtMost(Math.abs(actual[l]!.maps.z[v]! - maps.z[v]!), bound / Math.max(1 - r * r, 2 ** -23))
    }
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

/** The project's bound of float32. */
const float32Bound = 2e-6

/** Of int16 at 20 subjects; an error of one subject's r is independent of the next one's. */
const int16Bound = (subjects: number): number => 5e-6 * Math.max(1, Math.sqrt(20 / subjects))

const shapes = fc.record({
  subjects: fc.integer({ min: 2, max: 5 }),
  timePoints: fc.array(fc.integer({ min: 12, max: 70 }), { minLength: 5, maxLength: 5 }),
  voxels: fc.integer({ min: 3, max: 150 }),
  lesions: fc.integer({ min: 1, max: 14 }),
  seed: fc.nat(),
  deadVoxel: fc.nat(),
  nanVoxel: fc.nat(),
  workers: fc.integer({ min: 1, max: 3 }),
  subjectsPerChunk: fc.integer({ min: 1, max: 4 }),
  panelsPerChunk: fc.integer({ min: 1, max: 20 }),
  arithmetic: fc.constantFrom("fast" as const, "strict" as const)
})

describe("stored connectivity", () => {
  it.effect("float32: gives the maps of the raw time series, invalid ones and all, for any shape", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(shapes, (shape) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const source = spoiltConnectome(shape)
              const regions = withWholeBrain(weighted(spreadRegions(shape.lesions, shape.voxels)), shape.voxels)
              const connectome = yield* stored(source, "float32", shape.panelsPerChunk)
              const maps = yield* mapsOnEngine(connectome, regions, shape)
              assertWithin(maps, yield* mapsOf(source, regions), float32Bound)
            })
          )
        ),
        { seed: 5, numRuns: 12 }
      )
    )
  )

  it.effect("int16: gives what the plain stages give from the same store, for any shape", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(shapes, (shape) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const regions = withWholeBrain(weighted(spreadRegions(shape.lesions, shape.voxels)), shape.voxels)
              const connectome = yield* stored(spoiltConnectome(shape), "int16", shape.panelsPerChunk)
              const maps = yield* mapsOnEngine(connectome, regions, shape)
              assertWithin(maps, yield* mapsOf(connectome, regions), float32Bound)
            })
          )
        ),
        { seed: 6, numRuns: 12 }
      )
    )
  )

  it.effect("int16: stays within its bound of the maps of the raw time series", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 20, timePoints: 120, voxels: 301, deadVoxels: [7] })
      const regions = spreadRegions(12, 301)
      const maps = yield* mapsOnEngine(yield* stored(source, "int16"), regions)
      assertWithin(maps, yield* mapsOf(source, regions), int16Bound(20))
    })
  )

  for (const precision of ["int16", "float32"] as const) {
    it.effect(`gives the same bits for 1, 2 and 3 workers, any chunk size and any batch: ${precision}`, () =>
      Effect.gen(function* () {
        const source = memoryConnectome({ subjects: 7, timePoints: [40, 40, 41, 40, 40, 40, 39], voxels: 1003 })
        const regions = weighted(spreadRegions(13, 1003))
        const expected = yield* mapsOnEngine(yield* stored(source, precision, 126), regions, {
          workers: 1,
          subjectsPerChunk: 1
        })
        const connectome = yield* stored(source, precision, 17)
        for (const workers of [1, 2, 3]) {
          for (const subjectsPerChunk of [2, 7]) {
            assertSameBits(yield* mapsOnEngine(connectome, regions, { workers, subjectsPerChunk }), expected)
          }
        }
        for (const size of [5, 12]) {
          for (let first = 0; first < regions.length; first += size) {
            const batch = yield* mapsOnEngine(connectome, regions.slice(first, first + size))
            assertSameBits(batch, expected.slice(first, first + size))
          }
        }
      })
    )
  }

  it.effect("gives t = 0 at the own voxel of a lesion of one voxel, whose r is 1 in every subject", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 10, timePoints: 157, voxels: 30 })
      const regions = Array.from({ length: 30 }, (_, voxel) => ({ voxels: Int32Array.of(voxel) }))
      for (const [voxel, { maps }] of (yield* mapsOnEngine(yield* stored(source, "int16"), regions)).entries()) {
        assert.deepStrictEqual([maps.t[voxel], maps.p[voxel]], [0, 1])
        assert.isAbove(maps.r[voxel]!, 1 - 2 ** -22)
      }
    })
  )

  it.effect("fails with the subject where an invalid time series is an error", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 5, timePoints: 10, voxels: 9, deadVoxels: [4] })
      const connectome = yield* stored(source, "int16")
      const error = yield* Effect.flip(mapsOnEngine(connectome, spreadRegions(2, 9), { invalid: "error" }))
      assert.strictEqual(error._tag, "InvalidTimeSeries")
      assert.include(error.message, "sub-1")
    })
  )
})

describe("stored connectivity, damaged while it is read", () => {
  const damages = {
    "a flipped byte": (file: string) => flipByte(file, 5),
    "a chunk cut short": (file: string) => truncate(file, 0.5),
    "a missing chunk": (file: string) => rmSync(file)
  }
  for (const [name, damage] of Object.entries(damages)) {
    it.effect(`${name} fails the run and names the chunk, the subject and what to do`, () =>
      Effect.gen(function* () {
        const source = memoryConnectome({ subjects: 6, timePoints: 30, voxels: 100 })
        for (const file of ["timeseries/c/3/1/0/0", "sd/c/5/0", "step/c/0/0"]) {
          const connectome = yield* stored(source, "int16", 4)
          const chunk = join(connectome.path, file)
          damage(chunk)
          const error = yield* Effect.flip(mapsOnEngine(connectome, spreadRegions(3, 100)))
          assert.strictEqual(error._tag, "ConnectomeUnreadable")
          assert.include(error.message, `${chunk}: subject sub-${Number(file.split("/c/")[1]![0]) + 1}: `)
          assert.include(error.message, "prepare it again")
        }
      })
    )
  }
})
