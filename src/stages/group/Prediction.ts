/**
 * How well the maps predict a score: a model of the other patients, the map of partial correlations of score and z, is compared with the map of
 * each patient who was held out, outside of their lesion.
 *
 * The similarities are correlated with the scores by ranks, alone and given what is known of the lesions (volume, centrality), and so are
 * those themselves. p by permuting the scores through all of it; the covariates stay with their patients. With several repeats each figure
 * is the mean over repeats.
 */
import { Effect } from "effect"
import { fillOrderTable, orderTableBytes } from "../../kernels/group/orderTable.ts"
import { type Permutations, permutationP } from "../../kernels/group/permutations.ts"
import { multipleSpearman, partialSpearman, spearman } from "../../kernels/group/rankCorrelations.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"
import type { Fold } from "./predictionFolds.ts"
import { foldsPerTask } from "./predictTile.ts"
import { sharedLesions } from "./sharedLesions.ts"

export interface PredictionRequest {
  readonly design: GroupDesign
  readonly permutations: Permutations
  readonly folds: ReadonlyArray<Fold>
  /** Voxels of the cohort, and which of them are the lesion of each of its patients, ascending. */
  readonly voxels: number
  readonly lesions: ReadonlyArray<Int32Array>
  /** What is known of the lesions of the patients that take part. Shapes: (patients). */
  readonly known: ReadonlyArray<{ readonly name: string; readonly values: Float64Array }>
}

/** A figure, and its p: how often that of permuted scores is at least as large. */
export interface ReadOut {
  readonly value: number
  readonly p: number
}

export interface Prediction {
  /** Of each fold the similarity of each patient held out. Shapes: (held). */
  readonly similarities: ReadonlyArray<Float64Array>
  /** Of similarity and score, and given what is known of the lesions; undefined where nothing is. One-tailed. */
  readonly spearman: ReadOut
  readonly partial: ReadOut | undefined
  /** Figures of each repeat. */
  readonly ofRepeats: ReadonlyArray<number>
  /** Of what is known of the lesions, each alone (two-tailed) and together. */
  readonly alone: ReadonlyArray<ReadOut & { readonly name: string }>
  readonly together: ReadOut | undefined
  /** Figures of the permutations. Shapes: (permutations). */
  readonly nullSpearman: Float64Array
  readonly nullPartial: Float64Array | undefined
}

/** Differences of rank correlations up to this are rounding. */
export const rankTieTolerance = 1e-9

/** Bytes that a prediction holds once: the orders, and the similarities and figures of all permutations. */
export const predictionBytes = (patients: number, permutations: number, repeats: number): number =>
  2 * permutations * patients + 8 * (1 + permutations) * (repeats * patients + 8)

/** @param foldsDone is told how many folds have been finished */
export const computePrediction = Effect.fn("computePrediction")(function* (
  pool: GroupPool,
  request: PredictionRequest,
  foldsDone: (folds: number) => Effect.Effect<void>
) {
  const { design, permutations, folds, voxels, lesions } = request
  const { basis, kept, effect } = design
  const table = new Uint16Array(new SharedArrayBuffer(orderTableBytes(permutations, basis.patients)))
  fillOrderTable(permutations, { first: 0, end: permutations.count }, basis.patients, table)
  const { all, count, distinct } = permutations
  const prediction = {
    basis,
    score: effect,
    kept,
    voxels,
    ...sharedLesions(Array.from(kept, (row) => lesions[row]!)),
    permutations: { all, count, distinct },
    table
  }
  const similarities = new Array<Float64Array>(folds.length)
  const size = Math.min(foldsPerTask(basis.patients), Math.ceil(folds.length / (2 * pool.workers)))
  const firsts = Array.from({ length: Math.ceil(folds.length / size) }, (_, n) => n * size)
  yield* Effect.forEach(
    firsts,
    Effect.fnUntraced(function* (first) {
      const own = folds.slice(first, first + size).map(({ held }) => held)
      const done = yield* pool.run({ kind: "predict", writesNothing: true, prediction, folds: own })
      for (const [n, values] of done.similarities.entries()) similarities[first + n] = values
      yield* foldsDone(own.length)
    }),
    { concurrency: pool.workers, discard: true }
  )
  return readOuts(request, similarities)
})

const readOuts = (request: PredictionRequest, similarities: ReadonlyArray<Float64Array>): Prediction => {
  const { design, permutations, folds, known } = request
  const { count } = permutations
  const figures = Array.from({ length: 1 + count }, () => ({ spearman: 0, partial: 0 }))
  const repeats = new Set(folds.map(({ repeat }) => repeat))
  const given = known.map(({ values }) => values)
  const scores = permutedScores(design.effect, permutations)
  const ofRepeats: Array<number> = []
  for (const repeat of repeats) {
    for (let n = 0; n <= count; n++) {
      const own = similarityOf(request, similarities, repeat, n)
      const rho = spearman(own, scores(n))
      if (n === 0) ofRepeats.push(rho)
      figures[n]!.spearman += rho / repeats.size
      if (given.length > 0) figures[n]!.partial += partialSpearman(own, scores(n), given) / repeats.size
    }
  }
  const readOut = (of: (n: number) => number): ReadOut => withP(of, permutations)
  return {
    similarities: similarities.map((values, f) =>
      Float64Array.from(folds[f]!.held, (_, h) => values[h * (1 + count)]!)
    ),
    spearman: readOut((n) => figures[n]!.spearman),
    partial: given.length === 0 ? undefined : readOut((n) => figures[n]!.partial),
    ofRepeats,
    alone: known.map(({ name, values }) => {
      const { p } = readOut((n) => Math.abs(spearman(values, scores(n))))
      return { name, value: spearman(values, scores(0)), p }
    }),
    together: given.length < 2 ? undefined : readOut((n) => multipleSpearman(scores(n), given)),
    nullSpearman: Float64Array.from({ length: count }, (_, n) => figures[1 + n]!.spearman),
    nullPartial:
      given.length === 0 ? undefined : Float64Array.from({ length: count }, (_, n) => figures[1 + n]!.partial)
  }
}

/** The scores as they are (0), and those of each permutation (from 1 on). */
const permutedScores = (score: Float64Array, permutations: Permutations): ((n: number) => Float64Array) => {
  const order = new Int32Array(score.length)
  return (n) => {
    if (n === 0) return score
    permutations.write(n - 1, order)
    return Float64Array.from(order, (from) => score[from]!)
  }
}

/** The similarity of each patient in a repeat, for the scores as they are or a permutation. */
const similarityOf = (
  { design, folds, permutations }: PredictionRequest,
  similarities: ReadonlyArray<Float64Array>,
  repeat: number,
  n: number
): Float64Array => {
  const own = new Float64Array(design.kept.length)
  for (const [f, fold] of folds.entries()) {
    if (fold.repeat !== repeat) continue
    for (const [h, patient] of fold.held.entries()) own[patient] = similarities[f]![h * (1 + permutations.count) + n]!
  }
  return own
}

const withP = (of: (n: number) => number, permutations: Permutations): ReadOut => {
  const value = of(0)
  let reaching = 0
  for (let n = 1; n <= permutations.count; n++) if (of(n) >= value - rankTieTolerance) reaching++
  return { value, p: permutationP(permutations, reaching) }
}
