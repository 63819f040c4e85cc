/** Cohorts whose score has nothing to do with the maps beyond covariates: how often a prediction finds something all the same. */
import { Effect } from "effect"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import type { GroupPool } from "../../src/stages/group/GroupWork.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { computePrediction } from "../../src/stages/group/Prediction.ts"
import { type FoldChoice, predictionFolds } from "../../src/stages/group/predictionFolds.ts"
import { type PredictTask, predictTile } from "../../src/stages/group/predictTile.ts"

export interface NullPredictions {
  readonly studies: number
  readonly patients: number
  readonly permutations: number
  readonly folds: FoldChoice
  /** What a covariate of which the maps have a pattern of its own adds to the score; undefined: there is none. */
  readonly confounding?: number
  /** Whether the design has the covariate. */
  readonly isTakenOut?: boolean
}

const voxels = 300

/** Counts studies with a p of 0.05 at most; the same for the same seed. */
export const falsePredictions = (module: WebAssembly.Module, options: NullPredictions, seed: number) =>
  Effect.gen(function* () {
    const found = { plain: 0, given: 0 }
    for (let study = 0; study < options.studies; study++) {
      const { spearman, partial } = yield* predictionOf(module, options, new Xoshiro128(seed, study), study)
      if (spearman.p <= 0.05) found.plain++
      if (partial !== undefined && partial.p <= 0.05) found.given++
    }
    return found
  })

const predictionOf = Effect.fnUntraced(function* (
  module: WebAssembly.Module,
  { patients, permutations: count, folds: choice, confounding, isTakenOut = true }: NullPredictions,
  random: Xoshiro128,
  seed: number
) {
  const gaussian = (length: number) => {
    const values = new Float32Array(length)
    random.fillGaussian(values)
    return values
  }
  const covariate = Float64Array.from(gaussian(patients))
  const score = Float64Array.from(gaussian(patients), (value, n) => value + (confounding ?? 0) * covariate[n]!)
  // A few patterns that all maps have a share of, as the networks of a brain.
  const patterns = Array.from({ length: 6 }, () => gaussian(voxels))
  const maps = gaussian(patients * voxels)
  for (let n = 0; n < patients; n++) {
    const shares = gaussian(patterns.length)
    if (confounding !== undefined) shares[0] = 2 * covariate[n]!
    for (let v = 0; v < voxels; v++) {
      for (const [k, pattern] of patterns.entries()) maps[n * voxels + v]! += shares[k]! * pattern[v]!
    }
  }
  const design = yield* groupDesign({
    contrast: "null",
    patients: Array.from(score, (_, n) => String(n)),
    effect: { name: "score", cells: [...score] },
    covariates: confounding !== undefined && isTakenOut ? [{ name: "covariate", cells: [...covariate] }] : [],
    missing: "error",
    variance: "equal",
    ranks: false
  })
  const pool = {
    workers: 1,
    run: (task: PredictTask) => Effect.sync(() => predictTile(task, { module, source: { maps, rowVoxels: voxels } }))
  } as unknown as GroupPool
  const request = {
    design,
    permutations: makePermutations([score], design.blocks, { permutations: count, seed }),
    folds: predictionFolds(choice, patients),
    voxels,
    lesions: Array.from(score, (_, n) => Int32Array.from({ length: 10 }, (_, k) => 5 * n + k)),
    known: confounding === undefined ? [] : [{ name: "covariate", values: covariate }]
  }
  return yield* computePrediction(pool, request, () => Effect.void)
})
