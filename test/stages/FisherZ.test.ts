import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { Tile } from "../../src/elements/Tile.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"

const tileOf = (values: ReadonlyArray<number>, release: Effect.Effect<void> = Effect.void): Tile<"r"> => ({
  statistic: "r",
  subject: { index: 3, id: "subject-3", file: "memory", timePoints: 10 },
  first: 4,
  last: 6,
  lesions: 2,
  values: Float64Array.from(values),
  invalidVoxels: 1,
  invalidSeeds: Uint8Array.of(0, 1),
  endsSubject: true,
  release
})

describe("fisherZ", () => {
  it.effect("turns r into atanh(r) in the tile's own buffer, clipped, and leaves what is behind it", () =>
    Effect.gen(function* () {
      const tile = tileOf([0, 0.5, -1, 1, 0.5])
      const [result] = yield* Stream.runCollect(fisherZ.transform(Stream.make(tile)))
      assert.strictEqual(result!.statistic, "z")
      assert.strictEqual(result!.values, tile.values)
      for (const [i, z] of [0, Math.log(3) / 2, -8.31776613691702, 8.31776613691702, 0.5].entries()) {
        assert.closeTo(result!.values[i]!, z, 1e-13)
      }
    })
  )

  it.effect("hands on everything else that the tile says, and releases nothing", () =>
    Effect.gen(function* () {
      let released = 0
      const tile = tileOf(
        [0, 0, 0, 0],
        Effect.sync(() => void released++)
      )
      const [result] = yield* Stream.runCollect(fisherZ.transform(Stream.make(tile)))
      assert.deepStrictEqual({ ...result!, statistic: "r" }, { ...tile })
      assert.strictEqual(released, 0)
      yield* result!.release
      assert.strictEqual(released, 1)
    })
  )
})
