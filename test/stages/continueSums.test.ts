import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import * as fc from "fast-check"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { withFingerprints } from "../../src/elements/SumsMismatch.ts"
import { fractionBits } from "../../src/kernels/fixedPoint.ts"
import { loadSums, saveSums } from "../../src/output/savedSums.ts"
import { memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { inRows, partitionsOf, type SumsRun, sumsLayer, sumsOver, sumsWithin } from "../support/runSums.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const [subjects, voxels, lesions] = [9, 131, 7]
const source = memoryConnectome({
  subjects,
  timePoints: [40, 40, 41, 40, 40, 40, 39, 40, 30],
  voxels,
  deadVoxels: [7],
  replaced: [{ subject: 2, timePoint: 5, voxel: 14, value: Number.NaN }]
})
const regions: ReadonlyArray<SeedRegion> = weighted(spreadRegions(lesions, voxels))
const everyone = Array.from({ length: subjects }, (_, subject) => subject)
const fingerprints = { study: "1".repeat(64), sums: "2".repeat(64) }

/** Saves sums and loads them again. */
const throughFile = Effect.fnUntraced(function* (sums: ConnectivitySums) {
  const file = join(scratch, "partial.sums")
  yield* saveSums(file, yield* withFingerprints(sums, fingerprints))
  return yield* loadSums(file)
})

describe("reduce, from sums over other subjects", () => {
  for (const [name, runs, workers] of [
    ["by the plain stages", 15, fc.constant(0)],
    ["on the engine", 6, fc.integer({ min: 1, max: 3 })]
  ] as const) {
    it(`${name}: gives what one pass over all gives, wherever it was stopped, saved and gone on with, raw and on a store`, async () => {
      for (const connectome of [source, await Effect.runPromise(stored(source, "int16", 4))]) {
        const first = { workers: name === "on the engine" ? 2 : 0, paired: true }
        const whole = await Effect.runPromise(sumsOver(connectome, regions, everyone, first))
        await fc.assert(
          fc.asyncProperty(
            partitionsOf(subjects),
            workers,
            fc.integer({ min: 1, max: 4 }),
            (parts, workers, subjectsPerChunk) =>
              Effect.gen(function* () {
                let sums: ConnectivitySums | undefined
                for (const part of parts) {
                  const run = { workers, subjectsPerChunk, paired: true, from: sums }
                  sums = yield* throughFile(yield* sumsOver(connectome, regions, part, run))
                }
                assert.deepStrictEqual(sums, { ...whole, fingerprints })
              }).pipe(Effect.runPromise)
          ),
          { seed: 3, numRuns: runs }
        )
      }
    })
  }

  it.live("goes on where the sums lie in the engine's memory, and does not need them copied", () =>
    Effect.gen(function* () {
      const run: SumsRun = { workers: 2, subjectsPerChunk: 2, paired: true }
      const whole = yield* sumsOver(source, regions, everyone, run)
      const continued = Effect.gen(function* () {
        const before = yield* sumsWithin(source, regions, [0, 1, 2, 3, 7], run)
        const after = yield* sumsWithin(source, regions, [4, 5, 6, 8], { ...run, from: before })
        assert.strictEqual(after.values.buffer, before.values.buffer)
        return yield* inRows(after)
      }).pipe(Effect.provide(sumsLayer(source, regions, run)))
      assert.deepStrictEqual(yield* continued, whole)
    })
  )

  it.live("begins at nothing again where nothing is given, also after it was interrupted", () =>
    Effect.gen(function* () {
      const run: SumsRun = { workers: 2, paired: true }
      const whole = yield* sumsOver(source, regions, everyone, run)
      yield* Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const watched = {
          ...source,
          read: (first: number, into: ReadonlyArray<Float32Array>) =>
            Effect.andThen(first > 6 ? Deferred.succeed(reached, undefined) : Effect.void, source.read(first, into))
        }
        const before = yield* inRows(yield* sumsWithin(source, regions, [0, 1, 2], run))
        const fiber = yield* Effect.forkChild(
          sumsWithin(watched, regions, [3, 4, 5, 6, 7, 8], { ...run, from: before })
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        // What was given has not been touched.
        const again = yield* sumsWithin(source, regions, [3, 4, 5, 6, 7, 8], { ...run, from: before })
        assert.deepStrictEqual(yield* inRows(again), whole)
        assert.deepStrictEqual(yield* inRows(yield* sumsWithin(source, regions, everyone, run)), whole)
      }).pipe(Effect.provide(sumsLayer(source, regions, run)))
    })
  )

  for (const workers of [0, 2]) {
    it.live(
      `refuses sums of another shape, and subjects that are in them, ${workers === 0 ? "plain" : "on the engine"}`,
      () =>
        Effect.gen(function* () {
          const run: SumsRun = { workers }
          const refused = (from: ConnectivitySums, part = [3, 4, 5], other: SumsRun = {}) =>
            Effect.flip(sumsOver(source, regions, part, { ...run, from, ...other })) as Effect.Effect<object>
          const fitting = noSums({ lesions, voxels, fractionBits })
          for (const [from, difference] of [
            [noSums({ lesions: lesions + 1, voxels, fractionBits }), "lesions"],
            [noSums({ lesions, voxels: voxels - 1, fractionBits }), "voxels"],
            [noSums({ lesions, voxels, fractionBits: 52 }), "fractionBits"]
          ] as const) {
            assert.deepInclude(yield* refused(from), { _tag: "SumsMismatch", difference })
          }
          const before = yield* sumsOver(source, regions, [0, 1, 2], run)
          assert.deepInclude(yield* refused(before, [3, 4], { paired: true }), {
            _tag: "SumsMismatch",
            difference: "pairs"
          })
          const degree = { _tag: "SumsMismatch", difference: "degree" }
          assert.deepInclude(yield* refused(before, [3, 4], { withDegree: true }), degree)
          const withDegree = yield* sumsOver(source, regions, [0, 1, 2], { ...run, withDegree: true })
          assert.deepInclude(yield* refused(withDegree), degree)
          const paired = yield* sumsOver(source, regions, [0, 1, 2], { ...run, paired: true })
          assert.deepInclude(yield* refused(paired), { _tag: "SumsMismatch", difference: "pairs" })
          const error = yield* refused({ ...fitting, subjects: 3, covered: [{ first: 4, count: 3 }] }, [3, 4, 5])
          assert.deepInclude(error, { _tag: "OverlappingSubjects", overlap: [{ first: 4, count: 1 }] })
        })
    )
  }
})
