/** Maps of a cohort in memory, designs over them, and workers that have them: for the stages of a group's analysis. */
import { Effect } from "effect"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import type { CohortInMemory, CohortSource } from "../../src/stages/group/CohortSource.ts"
import { type GroupPool, makeGroupPool } from "../../src/stages/group/GroupWork.ts"
import { type DesignOptions, groupDesign } from "../../src/stages/group/groupDesign.ts"

export interface NullCohort {
  readonly patients: number
  readonly voxels: number
  readonly seed?: number
}

/** z about 0.2, each map with a weight of a pattern that all share. */
export const nullCohort = ({ patients, voxels, seed = 1 }: NullCohort): CohortInMemory => {
  const random = new Xoshiro128(seed, 7)
  const maps = new Float32Array(new SharedArrayBuffer(4 * patients * voxels))
  const [noise, weights] = [new Float32Array(patients * voxels), new Float32Array(patients)]
  random.fillGaussian(noise)
  random.fillGaussian(weights)
  for (let i = 0; i < patients; i++) {
    for (let v = 0; v < voxels; v++) {
      maps[i * voxels + v] = 0.2 + 0.1 * noise[i * voxels + v]! + 0.1 * weights[i]! * Math.sin(v / 9)
    }
  }
  return { maps, rowVoxels: voxels }
}

export const designOf = (options: Partial<DesignOptions> & Pick<DesignOptions, "effect">) =>
  Effect.runPromise(
    groupDesign({
      contrast: "x",
      patients: options.effect.cells.map((_, i) => `${i}`),
      covariates: [],
      missing: "error",
      variance: "equal",
      ranks: false,
      ...options
    })
  )

/** Runs with workers that have the cohort's maps. */
export const withPool = <A, E>(
  source: CohortSource,
  workers: number,
  run: (pool: GroupPool) => Effect.Effect<A, E>
): Promise<A> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
        return yield* run(yield* makeGroupPool(workers, { module, source }))
      })
    )
  )
