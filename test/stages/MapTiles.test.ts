import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { Tile } from "../../src/elements/Tile.ts"
import { mapTiles } from "../../src/stages/MapTiles.ts"

const tileOf = (values: ReadonlyArray<number>, release: Effect.Effect<void> = Effect.void): Tile<"z"> => ({
  statistic: "z",
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

const winsorise = (module = new URL("../../examples/winsorise.ts", import.meta.url)) =>
  mapTiles({ name: "winsorise", module, export: "winsorise", parameters: { limit: 0.5 } })

describe("mapTiles", () => {
  it.effect("calls the function on the z of each tile, in the tile's own buffer, and leaves what is behind them", () =>
    Effect.gen(function* () {
      const tiles = [tileOf([0.1, 0.7, -2, 0.5, 9]), tileOf([-0.6, 0, 0, 3])]
      const results = yield* Stream.runCollect(winsorise().transform(Stream.fromIterable(tiles)))
      assert.deepStrictEqual(
        tiles.map(({ values }) => [...values]),
        [
          [0.1, 0.5, -0.5, 0.5, 9],
          [-0.5, 0, 0, 0.5]
        ]
      )
      assert.deepStrictEqual(results, tiles)
      assert.strictEqual(results[0]!.values, tiles[0]!.values)
    })
  )

  it.effect("releases nothing", () =>
    Effect.gen(function* () {
      let released = 0
      const counted = Effect.sync(() => void released++)
      const [result] = yield* Stream.runCollect(winsorise().transform(Stream.make(tileOf([0, 0, 0, 0], counted))))
      assert.strictEqual(released, 0)
      yield* result!.release
      assert.strictEqual(released, 1)
    })
  )

  it.effect("asks for no tile where the module is missing", () =>
    Effect.gen(function* () {
      let asked = 0
      const tiles = Stream.sync(() => {
        asked++
        return tileOf([0, 0, 0, 0])
      })
      const stage = winsorise(new URL("./notThere.ts", import.meta.url))
      const error = yield* Effect.flip(Stream.runCollect(stage.transform(tiles)))
      assert.strictEqual(error._tag, "TileFunctionMissing")
      assert.strictEqual(asked, 0)
    })
  )
})
