import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as fc from "fast-check"
import type { SeededChunk } from "../../src/elements/SeededChunk.ts"
import type { Tile } from "../../src/elements/Tile.ts"
import { standardise } from "../../src/kernels/standardise.ts"
import { correlate, tileWidth } from "../../src/stages/Correlate.ts"
import { type MemoryConnectomeOptions, memoryConnectome } from "../support/memoryConnectome.ts"
import { naivePearson } from "../support/naiveMaps.ts"

const columnOf = (values: Float32Array, voxels: number, voxel: number): ReadonlyArray<number> =>
  Array.from({ length: values.length / voxels }, (_, t) => values[t * voxels + voxel]!)

/** A chunk whose seeds are single voxels: lesion l is voxel 3·l, modulo the voxels. */
const seededChunk = (
  options: MemoryConnectomeOptions,
  lesions: number,
  release: Effect.Effect<void> = Effect.void
): SeededChunk => {
  const { subjects, timeSeries, voxels } = memoryConnectome(options)
  return {
    voxels,
    lesions,
    release,
    subjects: subjects.map((subject, index) => {
      const values = timeSeries[index]!
      const { timePoints } = subject
      const seeds = new Float64Array(lesions * timePoints)
      const invalidSeeds = new Uint8Array(lesions)
      for (let l = 0; l < lesions; l++) {
        seeds.set(columnOf(values, voxels, (3 * l) % voxels), l * timePoints)
        invalidSeeds[l] = standardise(seeds, l * timePoints, timePoints) ? 0 : 1
      }
      return { subject, values, seeds, invalidSeeds }
    })
  }
}

/** All tiles, with their values copied before the buffer is given back. */
const tilesOf = (chunks: ReadonlyArray<SeededChunk>) =>
  correlate.transform(Stream.fromIterable(chunks)).pipe(
    Stream.mapEffect((tile) => {
      const values = tile.values.slice(0, tile.lesions * (tile.last - tile.first))
      return Effect.as(tile.release, { ...tile, values })
    }),
    Stream.runCollect
  )

const settle = Effect.repeat(Effect.yieldNow, { times: 200 })

describe("tileWidth", () => {
  it("falls as lesions and time points grow, within its bounds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 3, max: 2000 }), (lesions, timePoints) => {
        const width = tileWidth(lesions, timePoints)
        assert.isTrue(Number.isInteger(width) && width >= 8 && width <= 4096)
        assert.isAtLeast(width, tileWidth(lesions + 1, timePoints))
        assert.isAtLeast(width, tileWidth(lesions, timePoints + 1))
      }),
      { seed: 1 }
    )
  })
})

describe("correlate", () => {
  it.effect("gives Pearson's r of each seed with each voxel, subject by subject", () =>
    Effect.gen(function* () {
      const options = { subjects: 3, timePoints: [7, 20, 3], voxels: 11 }
      const tiles = yield* tilesOf([seededChunk(options, 4)])
      const { timeSeries } = memoryConnectome(options)
      assert.deepStrictEqual(
        tiles.map(({ subject }) => subject.index),
        [0, 1, 2]
      )
      for (const { subject, values } of tiles) {
        const raw = timeSeries[subject.index]!
        for (let l = 0; l < 4; l++) {
          for (let v = 0; v < 11; v++) {
            const expected = naivePearson(columnOf(raw, 11, (3 * l) % 11), columnOf(raw, 11, v))
            assert.closeTo(values[l * 11 + v]!, expected, 1e-11)
          }
        }
      }
    })
  )

  it.effect("covers each voxel of each subject once, in order, whatever the tile's width", () =>
    Effect.gen(function* () {
      // Many lesions and time points make the tiles narrow: 8, 40 and 1333 voxels; the last: one tile.
      for (const [lesions, timePoints, voxels] of [
        [1000, 1000, 20],
        [100, 2000, 101],
        [2, 3000, 2668],
        [1, 3, 1]
      ] as const) {
        const width = tileWidth(lesions, timePoints)
        const tiles = yield* tilesOf([seededChunk({ subjects: 2, timePoints, voxels }, lesions)])
        const perSubject = Math.ceil(voxels / width)
        assert.strictEqual(tiles.length, 2 * perSubject)
        for (const [n, tile] of tiles.entries()) {
          const position = n % perSubject
          assert.strictEqual(tile.subject.index, Math.floor(n / perSubject))
          assert.strictEqual(tile.first, position * width)
          assert.strictEqual(tile.last, Math.min(voxels, (position + 1) * width))
          assert.strictEqual(tile.endsSubject, position === perSubject - 1)
          assert.strictEqual(tile.lesions, lesions)
          // Float64's rounding over thousands of time points.
          assert.isTrue(tile.values.every((r) => Math.abs(r) <= 1 + 1e-12))
        }
        // Lesion 0 is voxel 0.
        assert.closeTo(tiles[0]!.values[0]!, 1, 1e-12)
      }
    })
  )

  it.effect("counts invalid voxels in the tile where they are, and hands on the invalid seeds", () =>
    Effect.gen(function* () {
      const options = {
        subjects: 2,
        timePoints: 1000,
        voxels: 20,
        deadVoxels: [3, 9, 10],
        replaced: [{ subject: 1, timePoint: 999, voxel: 19, value: Number.NaN }]
      }
      const tiles = yield* tilesOf([seededChunk(options, 1000)])
      assert.deepStrictEqual(
        tiles.map(({ invalidVoxels }) => invalidVoxels),
        [1, 2, 0, 1, 2, 1]
      )
      assert.strictEqual(tiles[0]!.invalidSeeds[1], 1)
      assert.strictEqual(tiles[0]!.invalidSeeds[0], 0)
      assert.strictEqual(tiles[0]!.values[3], 0)
    })
  )

  it.effect("releases a chunk once, after its last tile has been taken, and before the next chunk's first", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const options = { subjects: 2, timePoints: 1000, voxels: 17 }
      const chunks = [0, 1].map((n) =>
        seededChunk(
          options,
          1000,
          Effect.sync(() => void events.push(`chunk ${n}`))
        )
      )
      yield* correlate.transform(Stream.fromIterable(chunks)).pipe(
        Stream.runForEach((tile) => {
          events.push(`${tile.subject.index}:${tile.first}`)
          return tile.release
        })
      )
      const tiles = ["0:0", "0:8", "0:16", "1:0", "1:8", "1:16"]
      assert.deepStrictEqual(events, [...tiles, "chunk 0", ...tiles, "chunk 1"])
    })
  )

  it.effect("releases the chunk once when a later stage fails or is interrupted", () =>
    Effect.gen(function* () {
      const options = { subjects: 2, timePoints: 1000, voxels: 17 }
      for (const end of [Effect.fail("no"), Effect.interrupt, Effect.die("broken")]) {
        let released = 0
        const chunk = seededChunk(
          options,
          1000,
          Effect.sync(() => void released++)
        )
        const exit = yield* correlate.transform(Stream.fromIterable([chunk])).pipe(
          Stream.runForEach(() => end),
          Effect.exit
        )
        assert.isTrue(exit._tag === "Failure")
        assert.strictEqual(released, 1)
      }
    })
  )

  it.effect("computes no tile while two are in use", () =>
    Effect.gen(function* () {
      const held: Array<Tile<"r">> = []
      const chunk = seededChunk({ subjects: 1, timePoints: 1000, voxels: 40 }, 1000)
      const fiber = yield* correlate.transform(Stream.fromIterable([chunk])).pipe(
        Stream.runForEach((tile) => Effect.sync(() => void held.push(tile))),
        Effect.forkChild
      )
      yield* settle
      assert.strictEqual(held.length, 2)
      assert.notStrictEqual(held[0]!.values, held[1]!.values)
      yield* held[0]!.release
      yield* settle
      assert.strictEqual(held.length, 3)
      assert.strictEqual(held[2]!.values, held[0]!.values, "the buffer that was given back")
      yield* Fiber.interrupt(fiber)
    })
  )
})
