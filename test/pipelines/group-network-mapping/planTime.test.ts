import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { contrastSeconds, readingSeconds } from "../../../pipelines/group-network-mapping/planTime.ts"
import { groupDesign } from "../../../src/stages/group/groupDesign.ts"

const grid = { shape: [91, 109, 91], affine: [2, 0, 0, -90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1] } as const

const designOf = (patients: number, variance: "equal" | "unequal" = "equal") =>
  groupDesign({
    contrast: "x",
    patients: Array.from({ length: patients }, String),
    effect: { name: "x", cells: Array.from({ length: patients }, (_, n) => String(n % 2)) },
    covariates: [1, 2, 3].map((k) => ({
      name: `c${k}`,
      cells: Array.from({ length: patients }, (_, n) => String(Math.sin(k * n * n)))
    })),
    missing: "error",
    variance,
    ranks: false
  })

const cohortOf = (patients: number) => ({
  patients: Array.from({ length: patients }, String),
  maps: Array.from({ length: patients }, (_, n) => [{ patient: String(n), file: "", statistic: "z" as const }]),
  grid,
  space: "MNI152NLin6Asym"
})

describe("the estimate of a group's time", () => {
  it.effect("is what was measured of 200 patients, 228,000 voxels and 10,000 permutations", () =>
    Effect.gen(function* () {
      const work = { design: yield* designOf(200), permutations: 10_000, spatial: "nothing" } as const
      // 18 s for the permutations and 3 s for maps, on two threads; 83 s of a thread for G.
      const t = contrastSeconds(work, cohortOf(200), 228_000, 2)
      assert.isAbove(t, 17)
      assert.isBelow(t, 24)
      const unequal = { ...work, design: yield* designOf(200, "unequal") }
      const g = contrastSeconds(unequal, cohortOf(200), 228_000, 2)
      assert.isAbove(g, 1.8 * t)
      assert.isBelow(g, 3 * t)
      // 55 ms a permutation, and its map computed once more.
      const tfce = contrastSeconds({ ...work, spatial: "tfce" }, cohortOf(200), 228_000, 2)
      assert.closeTo(tfce - t, 292, 6)
    })
  )

  it.effect("grows with permutations and falls with workers; few patients are computed in float64", () =>
    Effect.gen(function* () {
      const design = yield* designOf(200)
      const seconds = (permutations: number, workers: number) =>
        contrastSeconds({ design, permutations, spatial: "nothing" }, cohortOf(200), 228_000, workers)
      assert.closeTo(seconds(20_000, 1) - seconds(10_000, 1), seconds(10_000, 1) - seconds(0, 1), 1e-6)
      assert.isBelow(seconds(10_000, 4), seconds(10_000, 1) / 2)
      assert.closeTo(readingSeconds(cohortOf(200), 2), readingSeconds(cohortOf(400), 4), 1e-9)
      const few = { design: yield* designOf(19), permutations: 10_000, spatial: "nothing" } as const
      const enough = { ...few, design: yield* designOf(22) }
      assert.isAbove(
        contrastSeconds(few, cohortOf(19), 228_000, 1),
        5 * contrastSeconds(enough, cohortOf(22), 228_000, 1)
      )
    })
  )
})
