import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import * as fc from "fast-check"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { memoryConnectome, spreadRegions, weighted, withWholeBrain } from "../support/memoryConnectome.ts"
import { mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf } from "../support/runStages.ts"

/** Threads of this process: what a worker that outlives its run would add to. */
const workerThreads = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === "MessagePort").length

const assertSameBits = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    assert.deepStrictEqual(actual[l]!.maps, maps)
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

/** The project's bounds for r and z; they hold for the float32 of the engine against the float64 of the plain stages. */
const assertWithinBounds = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    for (const [v, r] of maps.r.entries()) {
      const off = Math.abs(actual[l]!.maps.r[v]! - r)
      assert.isAtMost(off, 2e-6, `r of lesion ${l}, voxel ${v}: ${actual[l]!.maps.r[v]}, not ${r}`)
      const zBound = 2e-6 / Math.max(1 - r * r, 2 ** -23)
      assert.isAtMost(Math.abs(actual[l]!.maps.z[v]! - maps.z[v]!), zBound)
    }
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

describe("fused connectivity", () => {
  it.effect("gives what seed, correlate, fisherZ and reduce give one by one, for any shape", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          // In shorter time series single r come so close to 1 that z has no digits left in float32: kernels' tests have these.
          fc.record({
            subjects: fc.integer({ min: 2, max: 6 }),
            timePoints: fc.array(fc.integer({ min: 12, max: 70 }), { minLength: 6, maxLength: 6 }),
            voxels: fc.integer({ min: 2, max: 150 }),
            lesions: fc.integer({ min: 1, max: 14 }),
            seed: fc.nat(),
            deadVoxel: fc.nat(),
            workers: fc.integer({ min: 1, max: 3 }),
            subjectsPerChunk: fc.integer({ min: 1, max: 4 }),
            arithmetic: fc.constantFrom("fast" as const, "strict" as const)
          }),
          async ({ lesions, deadVoxel, workers, subjectsPerChunk, arithmetic, timePoints, ...options }) => {
            const connectome = memoryConnectome({
              ...options,
              timePoints: timePoints.slice(0, options.subjects),
              deadVoxels: [deadVoxel % options.voxels]
            })
            const regions = withWholeBrain(weighted(spreadRegions(lesions, options.voxels)), options.voxels)
            const fused = await Effect.runPromise(
              mapsOnEngine(connectome, regions, { workers, subjectsPerChunk, arithmetic })
            )
            assertWithinBounds(fused, await Effect.runPromise(mapsOf(connectome, regions)))
          }
        ),
        { seed: 3, numRuns: 16 }
      )
    )
  )

  it.effect("gives the same bits for 1, 2 and 3 workers, any chunk size and any batch", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 7, timePoints: [40, 40, 41, 40, 40, 40, 39], voxels: 1003 })
      const regions = weighted(spreadRegions(13, 1003))
      const expected = yield* mapsOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
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

  it.effect("counts voxels with NaN or infinity as r = 0, and leaves them out of seeds", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({
        subjects: 4,
        timePoints: 30,
        voxels: 20,
        replaced: [
          { subject: 1, timePoint: 7, voxel: 0, value: Number.NaN },
          { subject: 2, timePoint: 0, voxel: 5, value: Number.POSITIVE_INFINITY }
        ]
      })
      const regions = [{ voxels: Int32Array.of(0, 1) }, { voxels: Int32Array.of(7, 8) }, { voxels: Int32Array.of(5) }]
      const fused = yield* mapsOnEngine(connectome, regions)
      assert.deepStrictEqual(
        fused.map(({ invalidSeeds, invalidVoxels }) => [invalidSeeds, invalidVoxels]),
        [
          [0, 2],
          [0, 2],
          [1, 2]
        ]
      )
      assertWithinBounds(fused, yield* mapsOf(connectome, regions))
    })
  )

  it.effect("gives t = 0 at the own voxel of a lesion of one voxel, whose r is 1 in every subject", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 40, timePoints: 157, voxels: 30 })
      const regions = Array.from({ length: 30 }, (_, voxel) => ({ voxels: Int32Array.of(voxel) }))
      const fused = yield* mapsOnEngine(connectome, regions)
      for (const [voxel, { maps }] of fused.entries()) {
        assert.deepStrictEqual([maps.t[voxel], maps.p[voxel]], [0, 1])
        assert.isAbove(maps.r[voxel]!, 1 - 2 ** -22)
      }
    })
  )

  it.effect("fails with the subject where an invalid time series is an error", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 5, timePoints: 10, voxels: 9, deadVoxels: [4] })
      const error = yield* Effect.flip(mapsOnEngine(connectome, spreadRegions(2, 9), { invalid: "error" }))
      assert.strictEqual(error._tag, "InvalidTimeSeries")
      assert.include(error.message, "subject-0")
    })
  )

  it.live("ends its workers on success, on failure and on interruption", () =>
    Effect.gen(function* () {
      const before = workerThreads()
      const regions = spreadRegions(3, 12)
      yield* mapsOnEngine(memoryConnectome({ subjects: 3, timePoints: 9, voxels: 12 }), regions)
      assert.strictEqual(workerThreads(), before)

      const failing = memoryConnectome({ subjects: 5, timePoints: 9, voxels: 12, failingSubject: 4 })
      const failed = yield* Effect.exit(mapsOnEngine(failing, regions, { subjectsPerChunk: 1 }))
      assert.isTrue(Exit.isFailure(failed))
      assert.strictEqual(workerThreads(), before)

      const reading = yield* Deferred.make<void>()
      const endless = memoryConnectome({
        subjects: 5,
        timePoints: 9,
        voxels: 12,
        endlessSubject: 3,
        onRead: (first) => (first === 3 ? Effect.asVoid(Deferred.succeed(reading, undefined)) : Effect.void)
      })
      const fiber = yield* Effect.forkChild(mapsOnEngine(endless, regions, { subjectsPerChunk: 1 }))
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      assert.strictEqual(workerThreads(), before)
    })
  )
})
