import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { likenessOf, type Yardstick } from "../../../src/stages/group/mapLikeness.ts"

const rising = Float32Array.from({ length: 200 }, (_, v) => v + 3 * Math.sin(v))

const compare = (values: Float32Array, yardstick: Partial<Yardstick> & Pick<Yardstick, "values">) =>
  Effect.runPromise(
    Effect.map(
      likenessOf([{ name: "map", values }], [{ name: "degree", signIsArbitrary: false, ...yardstick }]),
      (rows) => rows[0]!
    )
  )

describe("how much maps are like a yardstick", () => {
  it("is 1 of a map with itself, and leaves voxels out that have no value", async () => {
    const holed = rising.map((value, v) => (v % 4 === 0 ? Number.NaN : value))
    assert.deepStrictEqual(await compare(rising, { values: holed }), {
      map: "map",
      comparedWith: "degree",
      voxels: 150,
      r: 1,
      dice: 1
    })
  })

  it("turns a component to go with the map, and not the degree", async () => {
    const falling = rising.map((value) => -value)
    const component = await compare(rising, { values: falling, signIsArbitrary: true })
    assert.closeTo(component.r!, -1, 1e-12)
    assert.strictEqual(component.dice, 1)
    const degree = await compare(rising, { values: falling })
    assert.strictEqual(degree.dice, 0)
  })

  it("is not known where there is no yardstick, or one that is the same everywhere", async () => {
    for (const values of [undefined, new Float32Array(200).fill(0.3)]) {
      const { r, dice } = await compare(rising, { values })
      assert.deepStrictEqual([r, dice], [undefined, undefined])
    }
  })
})
