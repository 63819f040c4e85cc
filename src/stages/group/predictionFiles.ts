/** What a prediction leaves: the similarity of each patient in each fold, the figures with their p, and those of the permutations. */
import { Effect } from "effect"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import type { GroupDesign } from "./groupDesign.ts"
import type { Prediction } from "./Prediction.ts"
import type { Fold, FoldChoice } from "./predictionFolds.ts"
import { modelFiles } from "./predictionModel.ts"

const [table, figures, nullTable] = ["prediction.tsv", "prediction.json", "prediction_nulldist.tsv"] as const

/** Every file of a prediction, relative to the output folder. */
export const predictionFiles = (space: string): ReadonlyArray<string> => [
  table,
  figures,
  nullTable,
  ...modelFiles(space)
]

export interface WrittenPrediction {
  readonly of: string
  readonly blocks: string | null
  readonly seed: number
  readonly choice: FoldChoice
  readonly design: GroupDesign
  readonly permutations: Permutations
  readonly folds: ReadonlyArray<Fold>
  readonly found: Prediction
  /** Labels of all patients of the cohort. */
  readonly patients: ReadonlyArray<string>
  /** Of the model that is saved. */
  readonly fingerprint: string
}

/** Writes the tables of a prediction. Errors: `OutputNotWritten`. */
export const writePrediction = Effect.fn("writePrediction")(function* (written: WrittenPrediction) {
  const { design, folds, found, patients } = written
  const output = yield* OutputFolder
  const rows = folds.flatMap(({ repeat, fold, held }, f) =>
    Array.from(held, (patient, h) => {
      const label = `sub-${patients[design.kept[patient]!]}`
      return [repeat, fold, label, design.effect[patient]!, found.similarities[f]![h]!]
    })
  )
  yield* output.write(table, formatTable(["repeat", "fold", "participant_id", "score", "similarity"], rows))
  yield* output.write(figures, `${JSON.stringify(figuresOf(written), null, 2)}\n`)
  const { nullSpearman, nullPartial } = found
  const header = ["permutation", "spearman", ...(nullPartial === undefined ? [] : ["partial_spearman"])]
  const permuted = Array.from(nullSpearman, (rho, n) => [
    n + 1,
    rho,
    ...(nullPartial === undefined ? [] : [nullPartial[n]!])
  ])
  yield* output.write(nullTable, formatTable(header, permuted))
})

const figuresOf = ({
  of,
  blocks,
  seed,
  choice,
  design,
  permutations,
  folds,
  found,
  fingerprint
}: WrittenPrediction) => ({
  Score: of,
  ...(design.groups === undefined ? {} : { Groups: design.groups.names, GroupSizes: design.groups.sizes }),
  Covariates: design.covariates.map(({ name }) => name),
  Patients: design.kept.length,
  Folds: choice,
  FoldCount: folds.length,
  ExchangeabilityBlocks: blocks,
  Permutations: permutations.count,
  AllPermutations: permutations.all,
  Seed: permutations.all ? null : seed,
  Similarity: "Spatial correlation of the model without the patient with the patient's map, outside of their lesion",
  Spearman: { ...found.spearman, OfRepeats: found.ofRepeats },
  PartialSpearman:
    found.partial === undefined ? null : { ...found.partial, Given: found.alone.map(({ name }) => name) },
  Alone: Object.fromEntries(found.alone.map(({ name, value, p }) => [name, { value, p }])),
  Together: found.together ?? null,
  Tails: "one for the similarity and for what is known of the lesions together, two for each of these alone",
  ModelFingerprint: fingerprint
})

/** A sentence on what a prediction has found. */
export const sentenceOfPrediction = (of: string, { spearman, partial, alone }: Prediction): string => {
  const given = alone.map(({ name }) => name).join(" and ")
  const beside =
    partial === undefined ? "" : `; given ${given} ${partial.value.toFixed(3)}, p ${partial.p.toPrecision(2)}`
  return `prediction of ${of}: Spearman ${spearman.value.toFixed(3)}, one-tailed p ${spearman.p.toPrecision(2)}${beside}`
}
