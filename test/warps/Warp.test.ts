import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readItkTransform } from "../../src/warps/readItkTransform.ts"
import { type BoxMm, boxBefore, pointBefore, type Warp, warpPoints } from "../../src/warps/Warp.ts"
import { repository } from "../support/runLnm.ts"

const fixture = join(repository, "test/fixtures/warp")
const { points } = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8")) as {
  readonly points: ReadonlyArray<ReadonlyArray<number>>
}

/** ITK's points are LPS+. */
const turned = (values: ReadonlyArray<number>) => [-values[0]!, -values[1]!, values[2]!]

describe("a warp", () => {
  it.effect("maps points as ITK does, within 1e-4 mm", () =>
    Effect.gen(function* () {
      const warp = yield* readItkTransform(join(fixture, "composite.h5"))
      const mapped = Float64Array.from(points.flatMap((row) => turned(row.slice(0, 3))))
      const before = mapped.slice()
      warpPoints(warp, mapped)
      const expected = points.flatMap((row) => turned(row.slice(3)))
      const furthest = Math.max(...expected.map((value, n) => Math.abs(value - mapped[n]!)))
      assert.isBelow(furthest, 1e-4)
      assert.isAbove(Math.max(...before.map((value, n) => Math.abs(value - mapped[n]!))), 3)
    })
  )

  it.effect("gives of a point the one that it maps there, within 1e-3 mm", () =>
    Effect.gen(function* () {
      const warp = yield* readItkTransform(join(fixture, "composite.h5"))
      let same = 0
      for (const row of points) {
        const [x, y, z] = turned(row.slice(3))
        const found = pointBefore(warp, [x!, y!, z!])
        const mapped = Float64Array.from(found!)
        warpPoints(warp, mapped)
        assert.isBelow(Math.hypot(mapped[0]! - x!, mapped[1]! - y!, mapped[2]! - z!), 1e-3)
        if (Math.hypot(...turned(row.slice(0, 3)).map((value, axis) => value - found![axis]!)) < 1e-2) same++
      }
      // Where the field ends, two points may be mapped to one.
      assert.isAtLeast(same / points.length, 0.9)
      const folded: Warp = [{ kind: "affine", matrix: [-1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }]
      assert.isUndefined(pointBefore(folded, [10, 0, 0]))
    })
  )

  it.effect("maps into a box only from the box before it", () =>
    Effect.gen(function* () {
      const warp: Warp = yield* readItkTransform(join(fixture, "composite.h5"))
      for (const row of points) {
        const after = turned(row.slice(3))
        const box = boxBefore(warp, after.map((value) => [value - 1e-3, value + 1e-3]) as unknown as BoxMm)
        for (const [axis, value] of turned(row.slice(0, 3)).entries()) {
          assert.isAtLeast(value, box[axis]![0])
          assert.isAtMost(value, box[axis]![1])
        }
      }
    })
  )
})
