import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readItkTransform } from "../../src/warps/readItkTransform.ts"
import { type BoxMm, boxBefore, type Warp, warpPoints } from "../../src/warps/Warp.ts"
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
