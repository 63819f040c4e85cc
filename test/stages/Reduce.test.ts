import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { type ConnectivitySums, lesionSums, type ReduceOptions } from "../../src/elements/ConnectivitySums.ts"
import type { Tile } from "../../src/elements/Tile.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { naiveLesionSums } from "../support/naiveSums.ts"
import { countingProgress } from "../support/runStages.ts"

interface Problem {
  readonly subjects: number
  readonly lesions: number
  readonly voxels: number
  readonly width: number
}

const zOf = (subject: number, lesion: number, voxel: number): number => Math.sin(1 + subject * 5 + lesion * 3 + voxel)

interface Observed {
  readonly alter?: (tile: Tile<"z">) => Tile<"z">
  readonly release?: Effect.Effect<void>
}

/** Tiles as correlate and fisherZ would make them: subjects in order, voxels in order. */
const tilesOf = ({ subjects, lesions, voxels, width }: Problem, { alter, release = Effect.void }: Observed = {}) => {
  const tiles: Array<Tile<"z">> = []
  for (let subject = 0; subject < subjects; subject++) {
    for (let first = 0; first < voxels; first += width) {
      const last = Math.min(voxels, first + width)
      const values = Float64Array.from({ length: lesions * (last - first) }, (_, i) =>
        zOf(subject, Math.floor(i / (last - first)), first + (i % (last - first)))
      )
      const tile: Tile<"z"> = {
        statistic: "z",
        subject: { index: subject, id: `subject-${subject}`, file: "/connectome/part.h5", timePoints: 10 },
        first,
        last,
        lesions,
        values,
        invalidVoxels: 0,
        invalidSeeds: new Uint8Array(lesions),
        endsSubject: last === voxels,
        release
      }
      tiles.push(alter === undefined ? tile : alter(tile))
    }
  }
  return tiles
}

const sumsOf = (tiles: ReadonlyArray<Tile<"z">>, options: ReduceOptions, progress = countingProgress()) =>
  reduce(options).transform(Stream.fromIterable(tiles)).pipe(Stream.runCollect, Effect.provide(progress.layer))

/** Σz, then Σz², of a lesion at each voxel. */
const valuesOf = (sums: ConnectivitySums, lesion: number): ReadonlyArray<bigint> => {
  const { values, width, voxels } = lesionSums(sums, lesion)
  assert.strictEqual(width, voxels)
  return [...values.subarray(0, 2 * voxels)]
}

const small: Problem = { subjects: 3, lesions: 2, voxels: 7, width: 3 }

describe("reduce", () => {
  it.effect("sums z and z² over subjects as BigInt does, in any order, for tiles of any width", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 20 }),
          fc.integer({ min: 1, max: 20 }),
          fc.boolean(),
          (subjects, lesions, voxels, width, reversed) =>
            Effect.gen(function* () {
              const tiles = tilesOf({ subjects, lesions, voxels, width })
              const ordered = reversed ? tiles.toSorted((a, b) => b.subject.index - a.subject.index) : tiles
              const results = yield* sumsOf(ordered, { lesions, voxels, subjects, invalid: "zero" })
              assert.strictEqual(results.length, 1)
              const sums = results[0]!
              assert.deepStrictEqual([sums.subjects, sums.lesions, sums.voxels], [subjects, lesions, voxels])
              for (let lesion = 0; lesion < lesions; lesion++) {
                const z = Array.from({ length: subjects }, (_, subject) =>
                  Array.from({ length: voxels }, (_, voxel) => zOf(subject, lesion, voxel))
                )
                assert.strictEqual(sums.fractionBits, subjects < 4 ? 52 : 40)
                assert.deepStrictEqual(valuesOf(sums, lesion), [...naiveLesionSums(z, sums.fractionBits).values])
              }
            }).pipe(Effect.runPromise)
        ),
        { seed: 1, numRuns: 60 }
      )
    )
  )

  it.effect("adds up what was invalid: voxels over all tiles, a seed once a subject", () =>
    Effect.gen(function* () {
      const tiles = tilesOf(small, {
        alter: (tile) => ({
          ...tile,
          invalidVoxels: tile.first === 3 ? 2 : 0,
          invalidSeeds: tile.subject.index === 1 ? Uint8Array.of(0, 1) : Uint8Array.of(0, 0)
        })
      })
      const [sums] = yield* sumsOf(tiles, { ...small, invalid: "zero" })
      assert.strictEqual(sums!.invalidVoxels, 6)
      assert.deepStrictEqual([...sums!.invalidSeeds], [0, 1])
    })
  )

  it.effect("fails at the first invalid time series where the config wants that, and names file and subject", () =>
    Effect.gen(function* () {
      const cases = [
        { invalidVoxels: 2, seeds: Uint8Array.of(0, 0), says: "subject subject-1: 2 voxels and 0 seeds" },
        { invalidVoxels: 0, seeds: Uint8Array.of(1, 1), says: "subject subject-1: 0 voxels and 2 seeds" }
      ]
      for (const { invalidVoxels, seeds, says } of cases) {
        const progress = countingProgress()
        const tiles = tilesOf(small, {
          alter: (tile) => (tile.subject.index === 1 ? { ...tile, invalidVoxels, invalidSeeds: seeds } : tile)
        })
        const error = yield* Effect.flip(sumsOf(tiles, { ...small, invalid: "error" }, progress))
        assert.strictEqual(error._tag, "InvalidTimeSeries")
        assert.include(error.message, says)
        assert.include(error.message, "/connectome/part.h5")
        assert.strictEqual(progress.counts.subjects, 1)
      }
      const [sums] = yield* sumsOf(tilesOf(small), { ...small, invalid: "error" })
      assert.strictEqual(sums!.subjects, 3)
    })
  )

  it.effect("fails where a z is NaN or could overflow the sums, and names file and subject", () =>
    Effect.gen(function* () {
      for (const [subjects, most] of [
        [3, 26],
        [1000, 45],
        [100_000, 9.1]
      ] as const) {
        const withZ = (z: number) =>
          tilesOf(small, {
            alter: (tile) => (tile.subject.index === 1 ? { ...tile, values: tile.values.with(1, z) } : tile)
          })
        const options: ReduceOptions = { ...small, subjects, invalid: "zero" }
        for (const z of [Number.NaN, most + 0.5, -(most + 0.5), Number.NEGATIVE_INFINITY]) {
          const error = yield* Effect.flip(sumsOf(withZ(z), options))
          assert.strictEqual(error._tag, "UnboundedZ")
          assert.match(error.message, /^\/connectome\/part\.h5: subject subject-1: a z is NaN or beyond ±\d+\.\d/)
        }
        for (const z of [most, -most]) assert.strictEqual((yield* sumsOf(withZ(z), options))[0]!.subjects, 3)
      }
    })
  )

  it.effect("releases each tile once, and reports each subject once", () =>
    Effect.gen(function* () {
      let released = 0
      const progress = countingProgress()
      const tiles = tilesOf(small, { release: Effect.sync(() => void released++) })
      yield* sumsOf(tiles, { ...small, invalid: "zero" }, progress)
      assert.strictEqual(tiles.length, 9)
      assert.strictEqual(released, 9)
      assert.strictEqual(progress.counts.subjects, 3)
    })
  )

  it.effect("starts from nothing each time it is run", () =>
    Effect.gen(function* () {
      const stage = reduce({ ...small, invalid: "zero" })
      const once = stage.transform(Stream.fromIterable(tilesOf(small)))
      const progress = countingProgress()
      const [first] = yield* Effect.provide(Stream.runCollect(once), progress.layer)
      const [second] = yield* Effect.provide(Stream.runCollect(once), progress.layer)
      assert.deepStrictEqual(valuesOf(second!, 1), valuesOf(first!, 1))
      assert.strictEqual(second!.subjects, 3)
    })
  )

  it("holds 16 bytes a lesion and voxel, whatever the number of subjects", () => {
    const shape = {
      subjects: 1000,
      subjectsPerChunk: 5,
      chunkSlots: 2,
      readers: 1,
      timePoints: 120,
      voxels: 50_000,
      gridVoxels: 902_629,
      lesions: 96,
      lesionVoxels: 9600,
      mapsPerLesion: 5
    }
    const stage = reduce({ lesions: 96, voxels: 50_000, subjects: 1000, invalid: "zero" })
    assert.strictEqual(stage.footprintBytes(shape), 16 * 96 * 50_000)
    assert.strictEqual(stage.footprintBytes({ ...shape, subjects: 2 }), 16 * 96 * 50_000)
  })
})
