/**
 * Scores the patients of a cohort by a saved model: the spatial correlation of the model with each patient's map, outside of their lesion,
 * over the voxels that both have. With scores in the table of participants also how well they agree, by ranks.
 */
import { Effect } from "effect"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { makePermutations, permutationP } from "../../kernels/group/permutations.ts"
import { spearman } from "../../kernels/group/rankCorrelations.ts"
import { mapSimilarity } from "../../kernels/mapSimilarity.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import { type CohortSource, readTile } from "./CohortSource.ts"
import type { CohortColumns } from "./cohortColumns.ts"
import { isMissing, numbersOf } from "./designColumn.ts"
import type { SavedModel } from "./openModel.ts"
import { rankTieTolerance } from "./Prediction.ts"
import type { Cohort } from "./readCohort.ts"

/** The files of scores, relative to the output folder. */
export const scoreFiles: ReadonlyArray<string> = ["scores.tsv", "scores.json"]

/** Permutations of the scores that p is made of, and their seed. */
const choice = { permutations: 1_000, seed: 1 }

/** Fewest patients whose rank correlation is said. */
const fewestPatients = 4

/** Share of the model's voxels that the cohort has, below which it is warned of. */
const leastShared = 0.9

export interface ScoredCohort {
  readonly cohort: Cohort
  readonly source: CohortSource
  /** Elements of the grid that all patients have. */
  readonly elements: Int32Array
  /** Elements of the grid that are lesion, ascending, of each patient. */
  readonly lesions: ReadonlyArray<Int32Array>
  readonly columns: CohortColumns
}

/** Writes the scores of a cohort; gives what there is to say of them. */
export const scoreCohort = Effect.fn("scoreCohort")(function* (model: SavedModel, scored: ScoredCohort) {
  const { patients } = scored.cohort
  const output = yield* OutputFolder
  const compared = yield* Effect.forEach(patients, (_, n) =>
    Effect.as(Effect.yieldNow, n).pipe(Effect.map((own) => comparedOf(model, scored, own)))
  )
  yield* warnOfFewVoxels(model, scored.elements)
  yield* warnOfUndefined(model, patients, compared)
  const similarities = Float64Array.from(compared, (own) => own.similarity)
  const scores = scoresOf(model, scored)
  const rows = patients.map((patient, n) => [`sub-${patient}`, scores[n], similarities[n]!, compared[n]!.voxels])
  yield* output.write("scores.tsv", formatTable(["participant_id", "score", "similarity", "voxels"], rows))
  const agreement = agreementOf(scores, similarities)
  const about = {
    Model: { Fingerprint: model.fingerprint, Score: model.of, Covariates: model.covariates, Patients: model.patients },
    Patients: patients.length,
    Similarity: "Spatial correlation of the model with the patient's map, outside of their lesion",
    Spearman: agreement ?? null
  }
  yield* output.write("scores.json", `${JSON.stringify(about, null, 2)}\n`)
  const found =
    agreement === undefined
      ? ""
      : `; Spearman with ${model.of} ${agreement.rho.toFixed(3)}, one-tailed p ${agreement.p.toPrecision(2)}, ${agreement.patients} patients`
  return `scores: ${patients.length} patients by the model of ${model.of}${found}`
})

/** Similarity and voxels of a patient. Memory: 12 bytes a voxel. */
const comparedOf = (model: SavedModel, { source, elements, lesions }: ScoredCohort, patient: number) => {
  const map = readTile(source, Int32Array.of(patient), { firstVoxel: 0, voxels: elements.length })
  const lesion = new Set(lesions[patient])
  const compared = Int32Array.from(elements.keys()).filter(
    (voxel) => model.values[elements[voxel]!] !== 0 && !lesion.has(elements[voxel]!)
  )
  const own = Float32Array.from(compared, (voxel) => map[voxel]!)
  releaseMemory(map)
  const places = compared.map((voxel) => elements[voxel]!)
  return { similarity: mapSimilarity(model.values, places, own) ?? Number.NaN, voxels: compared.length }
}

const warnOfFewVoxels = Effect.fnUntraced(function* (model: SavedModel, elements: Int32Array) {
  const all = model.values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)
  const shared = elements.reduce((sum, element) => sum + (model.values[element] === 0 ? 0 : 1), 0)
  if (shared >= leastShared * all) return
  const found = `of its ${all} voxels the maps of all patients have ${shared}`
  yield* warnAll([{ file: model.file, found, taken: "Maps and model are compared in these" }])
})

/** Without two voxels that differ, a map has no correlation with the model. */
const warnOfUndefined = Effect.fnUntraced(function* (
  { file }: SavedModel,
  patients: ReadonlyArray<string>,
  compared: ReadonlyArray<{ readonly similarity: number }>
) {
  const without = patients.filter((_, n) => Number.isNaN(compared[n]!.similarity))
  if (without.length === 0) return
  const found = `its correlation with the maps of ${without.join(", ")} is undefined, as too few voxels outside of the lesion differ`
  yield* warnAll([{ file, found, taken: "Their similarity is n/a, and they take no part in the rank correlation" }])
})

/** The scores as numbers; undefined where there is none. The groups of a model are 0 and 1. */
const scoresOf = (model: SavedModel, { cohort, columns }: ScoredCohort): ReadonlyArray<number | undefined> => {
  const score = columns.names.includes(model.of) ? columns.column(model.of) : undefined
  return cohort.patients.map((_, n) => {
    const cell = score?.cells[n] ?? null
    if (isMissing(cell)) return undefined
    const number = numbersOf([cell])?.[0]
    if (model.groups === undefined) return number
    const group = model.groups.indexOf(String(number ?? cell).trim())
    return group < 0 ? undefined : group
  })
}

const isConstant = (values: Float64Array): boolean => values.every((value) => value === values[0])

/** How well scores and similarities agree in the patients that have both; undefined where ranks cannot tell. */
const agreementOf = (scores: ReadonlyArray<number | undefined>, similarities: Float64Array) => {
  const known = [...scores.keys()].filter((n) => scores[n] !== undefined && Number.isFinite(similarities[n]))
  const own = Float64Array.from(known, (n) => scores[n]!)
  const similarity = Float64Array.from(known, (n) => similarities[n]!)
  if (known.length < fewestPatients || isConstant(own) || isConstant(similarity)) return undefined
  const rho = spearman(own, similarity)
  const permutations = makePermutations([own], new Int32Array(own.length), choice)
  const order = new Int32Array(own.length)
  let reaching = 0
  for (let index = 0; index < permutations.count; index++) {
    permutations.write(index, order)
    const permuted = Float64Array.from(order, (from) => own[from]!)
    if (spearman(permuted, similarity) >= rho - rankTieTolerance) reaching++
  }
  return { rho, p: permutationP(permutations, reaching), permutations: permutations.count, patients: own.length }
}
