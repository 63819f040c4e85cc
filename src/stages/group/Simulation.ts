/**
 * How often a contrast finds something where there is nothing: the labels are given to the patients anew, by chance and within their blocks,
 * and the whole test is done with each, corrected for all voxels by the largest statistic.
 *
 * Maps, covariates and blocks stay with their patients. A study has `studyPermutations` permutations, or all where there are no more; no
 * voxel's p is needed, since the smallest corrected p is that of the largest statistic. A study whose labels happen to leave no design counts not.
 * Every draw is a function of the contrast's seed, the study and the permutation; no bit depends on workers or batches.
 */
import { Effect } from "effect"
import { binomialInterval } from "../../kernels/group/binomialInterval.ts"
import { contrastBasis } from "../../kernels/group/contrastBasis.ts"
import { distinctOrders } from "../../kernels/group/distinctOrders.ts"
import { tiedFrom } from "../../kernels/group/groupPolicy.ts"
import { varianceGroups } from "../../kernels/group/gStatistic.ts"
import { makePermutations, permutationP, shuffleBlocks } from "../../kernels/group/permutations.ts"
import { drawsOf } from "../../kernels/group/philox.ts"
import { studiesAtOnce, studyPermutations, tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"
import { type GroupDesign, leastDegrees } from "./groupDesign.ts"
import type { SimulatedStudies } from "./simulationTile.ts"

/** Corrected p up to which a study counts as a false positive: the rate that is expected. */
export const falsePositiveLevel = 0.05

/** Of the interval of the rate. */
const confidence = 0.999

/** What tells the draws of labels, and of the studies' permutations, from those of the contrast itself. */
const [ofLabels, ofPermutations] = [1, 2]

export interface SimulatedContrast {
  readonly design: GroupDesign
  readonly ranks: boolean
  readonly seed: number
  readonly voxels: number
}

export interface FalsePositiveRate {
  readonly studies: number
  readonly falsePositives: number
  readonly rate: number
  /** The 99.9 % interval of the rate. */
  readonly interval: readonly [number, number]
}

export const simulateNull = Effect.fn("simulateNull")(function* (
  pool: GroupPool,
  contrast: SimulatedContrast,
  count: number,
  tileDone: Effect.Effect<void> = Effect.void
) {
  const atOnce = studiesAtOnce(contrast.design.kept.length)
  let [studies, falsePositives] = [0, 0]
  for (let first = 0; first < count; first += atOnce) {
    const drawn = yield* drawStudies(contrast, first, Math.min(count, first + atOnce))
    if (drawn.studies.designs.length === 0) continue
    const maxima = yield* largestOf(pool, drawn.studies, contrast.voxels, tileDone)
    const { orders } = drawn.studies
    for (const [study, all] of drawn.all.entries()) {
      const [observed = 0, ...permuted] = maxima.subarray(study * orders, study * orders + all.count + 1)
      const reaching = permuted.filter((largest) => largest >= tiedFrom(observed)).length
      studies++
      if (permutationP(all, reaching) <= falsePositiveLevel) falsePositives++
    }
  }
  const found: FalsePositiveRate = {
    studies,
    falsePositives,
    rate: falsePositives / studies,
    interval: binomialInterval(falsePositives, studies, confidence)
  }
  return found
})

/** The designs of studies [first, end), and the orders of their permutations. */
const drawStudies = Effect.fnUntraced(function* (
  { design, ranks, seed }: SimulatedContrast,
  first: number,
  end: number
) {
  const { kept, effect, covariates, blocks } = design
  const patients = kept.length
  const nuisance = covariates.map(({ values }) => values)
  const { blocks: members } = distinctOrders([effect], blocks)
  const orders = studyPermutations + 1
  const table = new Uint16Array(new SharedArrayBuffer(2 * (end - first) * orders * patients))
  const designs: Array<SimulatedStudies["designs"][number]> = []
  const all: Array<{ readonly all: boolean; readonly count: number; readonly distinct: bigint }> = []
  const order = new Int32Array(patients)
  for (let study = first; study < end; study++) {
    yield* Effect.yieldNow
    shuffleBlocks(members, drawsOf(seed, study, ofLabels), order)
    const labels = Float64Array.from(order, (patient) => effect[patient]!)
    const basis = contrastBasis({ effect: labels, nuisance, blocks })
    const variance = design.variance && basis && varianceGroups(basis, labels)
    if (basis === undefined || variance?.degrees.some((degrees) => degrees < leastDegrees)) continue
    const permutations = makePermutations([labels, ...nuisance], blocks, { permutations: studyPermutations, seed })
    const at = designs.length * orders * patients
    for (let i = 0; i < patients; i++) table[at + i] = i
    for (let index = 0; index < studyPermutations; index++) {
      // Where there are fewer orders, the rest repeats the identity and is not looked at.
      if (permutations.all) permutations.write(index < permutations.count ? index : 0, order)
      else shuffleBlocks(members, drawsOf(seed, study * studyPermutations + index, ofPermutations), order)
      table.set(order, at + (index + 1) * patients)
    }
    designs.push({ basis, variance })
    all.push({ all: permutations.all, count: permutations.count, distinct: permutations.distinct })
  }
  return { studies: { designs, kept, ranks, orders, table } satisfies SimulatedStudies as SimulatedStudies, all }
})

/** The largest |statistic| over all voxels. Shape: (studies, orders). */
const largestOf = Effect.fnUntraced(function* (
  pool: GroupPool,
  studies: SimulatedStudies,
  voxels: number,
  tileDone: Effect.Effect<void>
) {
  const maxima = new Float64Array(studies.designs.length * studies.orders)
  const starts = Array.from({ length: Math.ceil(voxels / tileVoxels) }, (_, tile) => tile * tileVoxels)
  yield* Effect.forEach(
    starts,
    Effect.fnUntraced(function* (firstVoxel) {
      const range = { firstVoxel, voxels: Math.min(tileVoxels, voxels - firstVoxel) }
      const done = yield* pool.run({ kind: "simulation", writesNothing: true, studies, ...range })
      for (let n = 0; n < maxima.length; n++) maxima[n] = Math.max(maxima[n]!, done[n]!)
      yield* tileDone
    }),
    { concurrency: pool.workers, discard: true }
  )
  return maxima
})
