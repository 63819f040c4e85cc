import { assert, describe, it } from "@effect/vitest"
import { plantedNetwork } from "../../src/demo/DemoCohort.ts"
import { networkNames } from "../../src/demo/Network.ts"
import { recoveryOf } from "../../src/demo/plantedRecovery.ts"

const own = networkNames.indexOf(plantedNetwork) + 1

describe("recoveryOf", () => {
  it("counts voxels of the network and those found, and those that are both", () => {
    const networks = [own, own, own, 0, own + 1, own + 1]
    // The second is not significant, the third is below 0, the last two are elsewhere.
    const statistic = [5, 2, -5, 0, 4, 5]
    const p = [0.01, 0.05, 0.01, 1, 0.049, 0.2]
    assert.deepStrictEqual(recoveryOf(networks, statistic, p), { planted: 3, found: 2, both: 1, dice: 2 / 5 })
  })

  it("is 1 where all of the network and nothing else is found, and 0 where nothing is", () => {
    assert.strictEqual(recoveryOf([own, 0], [3, 3], [0.01, 1]).dice, 1)
    assert.strictEqual(recoveryOf([own, 0], [3, 3], [0.5, 1]).dice, 0)
  })
})
