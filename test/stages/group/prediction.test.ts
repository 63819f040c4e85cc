import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { makePermutations } from "../../../src/kernels/group/permutations.ts"
import { spearman } from "../../../src/kernels/group/rankCorrelations.ts"
import { makeGroupPool } from "../../../src/stages/group/GroupWork.ts"
import { groupDesign } from "../../../src/stages/group/groupDesign.ts"
import { computePrediction } from "../../../src/stages/group/Prediction.ts"
import { type FoldChoice, predictionFolds } from "../../../src/stages/group/predictionFolds.ts"
import { lesionVoxelsOf } from "../../../src/stages/group/sharedLesions.ts"
import { naiveModel, naiveSimilarity } from "../../support/naivePrediction.ts"

const [patients, voxels, permuted] = [26, 4500, 21]
/** Patients of the maps that do not take part. */
const absent = [3, 20]

const random = new Xoshiro128(9, 4)
const gaussian = (length: number) => {
  const values = new Float32Array(length)
  random.fillGaussian(values)
  return values
}

/** Smooth maps over voxels, moved by the score in the first tenth; ages and sites as covariates. */
const cohort = (() => {
  const count = patients + absent.length
  const [ages, scores, noise, shared] = [gaussian(count), gaussian(count), gaussian(count * voxels), gaussian(voxels)]
  const maps = new Float32Array(new SharedArrayBuffer(4 * count * voxels))
  const load = gaussian(count)
  for (let n = 0; n < count; n++) {
    for (let v = 0; v < voxels; v++) {
      const moved = v < voxels / 10 ? 0.06 * scores[n]! : 0
      const common = 0.1 * (1 + load[n]!) * Math.sin(v / 40) + 0.05 * shared[v]!
      maps[n * voxels + v] = 0.05 + common + 0.1 * noise[n * voxels + v]! + 0.03 * ages[n]! + moved
    }
  }
  const lesions = Array.from({ length: count }, (_, n) =>
    Int32Array.from({ length: 40 + 8 * n }, (_, k) => 150 * n + 2 * k).filter((v) => v < voxels)
  )
  const kept = Array.from({ length: count }, (_, n) => n).filter((n) => !absent.includes(n))
  const own = new Float32Array(patients * voxels)
  for (const [n, row] of kept.entries()) own.set(maps.subarray(row * voxels, (row + 1) * voxels), n * voxels)
  return {
    maps,
    lesions,
    kept,
    own,
    scores: Float64Array.from(scores),
    ages: Float64Array.from(ages, (age) => 60 + 10 * age),
    sites: Array.from({ length: count }, (_, n) => `site${n % 4}`)
  }
})()

const computed = (choice: FoldChoice, workers: number) =>
  Effect.gen(function* () {
    const { maps, lesions, scores, ages, sites } = cohort
    const names = Array.from(scores, (_, n) => String(n))
    const design = yield* groupDesign({
      contrast: "prediction",
      patients: names,
      effect: { name: "score", cells: Array.from(scores, (score, n) => (absent.includes(n) ? null : score)) },
      covariates: [
        { name: "age", cells: [...ages] },
        { name: "site", cells: sites }
      ],
      missing: "drop",
      variance: "equal",
      ranks: false
    })
    const permutations = makePermutations([design.effect], design.blocks, { permutations: permuted, seed: 3 })
    const groups = Array.from(design.kept, (n) => sites[n]!)
    const folds = predictionFolds(choice, patients, groups)
    const known = [
      { name: "lesion_volume", values: Float64Array.from(design.kept, (n) => lesions[n]!.length) },
      { name: "centrality", values: Float64Array.from(design.kept, (n) => Math.sin(3 * n)) }
    ]
    const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
    const pool = yield* makeGroupPool(workers, { module, source: { maps, rowVoxels: voxels } })
    const request = { design, permutations, folds, voxels, lesions, known }
    const found = yield* computePrediction(pool, request, () => Effect.void)
    return { design, permutations, folds, found, known }
  }).pipe(Effect.scoped)

const naiveOf = ({ design }: Effect.Success<ReturnType<typeof computed>>) => ({
  score: design.effect,
  covariates: design.covariates.map(({ values }) => values),
  maps: cohort.own,
  voxels,
  lesions: Array.from(design.kept, (n) => cohort.lesions[n]!)
})

const choices: ReadonlyArray<FoldChoice> = ["leave-one-out", { leave_out: "site" }, { k: 5, repeats: 2, seed: 4 }]

describe("computePrediction", () => {
  it.effect(
    "gives the similarity of regressions in float64, fold by fold, outside of lesions",
    () =>
      Effect.gen(function* () {
        for (const choice of choices) {
          const run = yield* computed(choice, 2)
          const naive = naiveOf(run)
          for (const [f, { held }] of run.folds.entries()) {
            // Models of all folds are 26 × 4,500 regressions; a few tell.
            if (f % 5 > 1) continue
            const training = Array.from({ length: patients }, (_, n) => n).filter((n) => !held.includes(n))
            const model = naiveModel(naive, naive.score, training)
            for (const [h, patient] of held.entries()) {
              assert.closeTo(run.found.similarities[f]![h]!, naiveSimilarity(naive, model, patient), 2e-6)
            }
          }
        }
      }),
    { timeout: 30_000 }
  )

  it.effect(
    "permutes the scores through all folds, and ranks what comes out",
    () =>
      Effect.gen(function* () {
        const run = yield* computed({ k: 2, repeats: 1, seed: 1 }, 2)
        const naive = naiveOf(run)
        const order = new Int32Array(patients)
        const rhoOf = (score: Float64Array) => {
          const similarity = new Float64Array(patients)
          for (const { held } of run.folds) {
            const training = Array.from({ length: patients }, (_, n) => n).filter((n) => !held.includes(n))
            const model = naiveModel(naive, score, training)
            for (const patient of held) similarity[patient] = naiveSimilarity(naive, model, patient)
          }
          return spearman(similarity, score)
        }
        const observed = rhoOf(run.design.effect)
        assert.closeTo(run.found.spearman.value, observed, 1e-12)
        let reaching = 0
        for (let index = 0; index < permuted; index++) {
          run.permutations.write(index, order)
          const rho = rhoOf(Float64Array.from(order, (from) => run.design.effect[from]!))
          assert.closeTo(run.found.nullSpearman[index]!, rho, 1e-12)
          if (rho >= observed - 1e-9) reaching++
        }
        assert.strictEqual(run.found.spearman.p, (1 + reaching) / (1 + permuted))
      }),
    { timeout: 30_000 }
  )

  it.effect(
    "gives the same bits for any workers and shares of folds",
    () =>
      Effect.gen(function* () {
        const runs = yield* Effect.forEach([1, 3], (workers) => computed("leave-one-out", workers))
        assert.deepStrictEqual(runs[0]!.found, runs[1]!.found)
      }),
    { timeout: 30_000 }
  )
})

describe("predictionFolds", () => {
  it("holds each patient out once a repeat, in folds of sizes that differ by one at most", () => {
    for (const choice of [...choices, { k: 7, repeats: 3, seed: 2 }]) {
      const folds = predictionFolds(
        choice,
        26,
        Array.from({ length: 26 }, (_, n) => `s${n % 4}`)
      )
      for (const repeat of new Set(folds.map((fold) => fold.repeat))) {
        const own = folds.filter((fold) => fold.repeat === repeat)
        const held = own.flatMap((fold) => [...fold.held])
        assert.deepStrictEqual(
          held.sort((a, b) => a - b),
          Array.from({ length: 26 }, (_, n) => n)
        )
        const sizes = own.map((fold) => fold.held.length)
        assert.isAtMost(Math.max(...sizes) - Math.min(...sizes), 1)
      }
    }
    const [one, other] = [1, 2].map((seed) => predictionFolds({ k: 3, repeats: 2, seed }, 26))
    assert.notDeepEqual(one, other)
    assert.notDeepEqual(one![0]!.held, one![3]!.held)
  })

  it("holds the patients of a site out together", () => {
    const folds = predictionFolds({ leave_out: "site" }, 5, ["b", "a", "b", "c", "a"])
    assert.deepStrictEqual(
      folds.map(({ held }) => [...held]),
      [[1, 4], [0, 2], [3]]
    )
  })
})

describe("lesionVoxelsOf", () => {
  it("numbers the elements of a lesion along those of the cohort, without those it lacks", () => {
    assert.deepStrictEqual([...lesionVoxelsOf(Int32Array.of(1, 4, 5, 9, 12), Int32Array.of(2, 4, 5, 8, 9))], [1, 2, 4])
  })
})
