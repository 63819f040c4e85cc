/**
 * Time of a prediction with all its permutations: `node bench/group/prediction.ts [patients] [voxels] [permutations]`, by leaving one out, on
 * two workers. Maps are random, with a lesion of 5 % of the voxels in each.
 */
import { Effect } from "effect"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { makeGroupPool } from "../../src/stages/group/GroupWork.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { computePrediction } from "../../src/stages/group/Prediction.ts"
import { predictionFolds } from "../../src/stages/group/predictionFolds.ts"
import { predictWorkerBytes } from "../../src/stages/group/predictTile.ts"

const [patients = 200, voxels = 228_000, count = 1_000] = process.argv.slice(2).map(Number)
const workers = 2

const random = new Xoshiro128(3, 0)
const column = (name: string) => {
  const values = new Float32Array(patients)
  random.fillGaussian(values)
  return { name, cells: [...values] }
}
const maps = new Float32Array(new SharedArrayBuffer(4 * patients * voxels))
for (let n = 0; n < patients; n++) random.fillGaussian(maps.subarray(n * voxels, (n + 1) * voxels))
const lesions = Array.from({ length: patients }, (_, n) => {
  const first = Math.floor((0.95 * voxels * n) / patients)
  return Int32Array.from({ length: Math.floor(voxels / 20) }, (_, k) => first + k)
})

const program = Effect.gen(function* () {
  const names = Array.from({ length: patients }, (_, n) => String(n))
  const [effect, ...covariates] = ["score", "age", "lesion_volume", "centrality"].map(column)
  const options = { missing: "error", variance: "equal", ranks: false } as const
  const design = yield* groupDesign({ contrast: "predict", patients: names, effect: effect!, covariates, ...options })
  const permutations = makePermutations([design.effect], design.blocks, { permutations: count, seed: 1 })
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
  const pool = yield* makeGroupPool(workers, { module, source: { maps, rowVoxels: voxels } })
  const folds = predictionFolds("leave-one-out", patients)
  const known = covariates.slice(1).map(({ name, cells }) => ({ name, values: Float64Array.from(cells) }))
  const request = { design, permutations, folds, voxels, lesions, known }
  const before = process.resourceUsage()
  const start = performance.now()
  yield* computePrediction(pool, request, () => Effect.void)
  const seconds = (performance.now() - start) / 1000
  const after = process.resourceUsage()
  const spent = (after.userCPUTime - before.userCPUTime + after.systemCPUTime - before.systemCPUTime) / 1e6
  console.log(
    `${patients} patients × ${voxels} voxels, ${count} permutations, ${workers} workers: ${seconds.toFixed(1)} s by the clock, ` +
      `${(spent / workers).toFixed(1)} s of processor time a worker`
  )
  const planned = workers * predictWorkerBytes(patients, 1, count)
  const peak = 1024 * after.maxRSS - maps.byteLength
  console.log(
    `  ${(planned / 1e6).toFixed(0)} MB planned for the workers, ${(peak / 1e6).toFixed(0)} MB at the peak beside the maps`
  )
})

await Effect.runPromise(Effect.scoped(program))
