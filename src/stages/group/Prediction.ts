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

/** Bytes that a prediction holds once: the orders, the similarities and figures of all permutations, and the lesions twice. */
export const predictionBytes = ({ patients, permutations, repeats, lesionVoxels }: PredictionShape): number =>
  2 * permutations * patients + 8 * (1 + permutations) * (repeats * (patients + 1) + 16) + 2 * 4 * lesionVoxels

export interface PredictionShape {
  readonly patients: number
  readonly permutations: number
  readonly repeats: number
  /** Of all patients' lesions together. */
  readonly lesionVoxels: number
}

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
  return yield* readOuts(request, similarities)
})

/** The rank correlations for the scores as they are, or for a permutation. */
interface Figures {
  /** Of each repeat. */
  readonly ofRepeats: ReadonlyArray<number>
  readonly spearman: number
  readonly partial: number
  readonly alone: ReadonlyArray<number>
  readonly together: number
}

/** Permutations whose figures are made before others have their turn. */
const permutationsAtOnce = 64

const readOuts = Effect.fnUntraced(function* (request: PredictionRequest, similarities: ReadonlyArray<Float64Array>) {
  const { permutations, folds, known } = request
  const { count } = permutations
  const figures: Array<Figures> = []
  const scores = permutedScores(request.design.effect, permutations)
  for (let n = 0; n <= count; n++) {
    figures.push(figuresOf(request, similarities, n, scores(n)))
    if (n % permutationsAtOnce === 0) yield* Effect.yieldNow
  }
  const [observed, ...permuted] = figures as [Figures, ...ReadonlyArray<Figures>]
  const readOut = (of: (one: Figures) => number): ReadOut => ({
    value: of(observed),
    p: pOf(of, figures, permutations)
  })
  const isAnyKnown = known.length > 0
  const found: Prediction = {
    similarities: similarities.map((values, f) =>
      Float64Array.from(folds[f]!.held, (_, h) => values[h * (1 + count)]!)
    ),
    spearman: readOut((one) => one.spearman),
    partial: isAnyKnown ? readOut((one) => one.partial) : undefined,
    ofRepeats: observed.ofRepeats,
    alone: known.map(({ name }, k) => {
      const p = pOf((one) => Math.abs(one.alone[k]!), figures, permutations)
      return { name, value: observed.alone[k]!, p }
    }),
    together: known.length < 2 ? undefined : readOut((one) => one.together),
    nullSpearman: Float64Array.from(permuted, (one) => one.spearman),
    nullPartial: isAnyKnown ? Float64Array.from(permuted, (one) => one.partial) : undefined
  }
  return found
})

const figuresOf = (
  request: PredictionRequest,
  similarities: ReadonlyArray<Float64Array>,
  n: number,
  score: Float64Array
): Figures => {
  const given = request.known.map(({ values }) => values)
  const repeats = new Set(request.folds.map(({ repeat }) => repeat))
  const own = [...repeats].map((repeat) => similarityOf(request, similarities, repeat, n))
  const ofRepeats = own.map((similarity) => spearman(similarity, score))
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    ofRepeats,
    spearman: mean(ofRepeats),
    partial: given.length === 0 ? 0 : mean(own.map((similarity) => partialSpearman(similarity, score, given))),
    alone: given.map((values) => spearman(values, score)),
    together: given.length < 2 ? 0 : multipleSpearman(score, given)
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

/** How often a figure of permuted scores is at least as large as that of the scores as they are, the first. */
const pOf = (of: (one: Figures) => number, figures: ReadonlyArray<Figures>, permutations: Permutations): number => {
  const least = of(figures[0]!) - rankTieTolerance
  return permutationP(permutations, figures.slice(1).filter((one) => of(one) >= least).length)
}
