/** The permutations of a contrast, refused where there are too few of them for any p of use, warned of where p is coarse. */
import { Effect } from "effect"
import { makePermutations, type PermutationChoice } from "../../kernels/group/permutations.ts"
import type { GroupDesign } from "./groupDesign.ts"
import { TooFewPermutations } from "./InvalidDesign.ts"

/** Fewest permutations with which a p can reach 0.05. */
export const fewestPermutations = 20

/** Permutations below which p is too coarse to be relied on near 0.05. */
export const fewPermutations = 1_000

/** The permutations, and a sentence where they are few. */
export const contrastPermutations = Effect.fnUntraced(function* (
  contrast: string,
  { effect, covariates, blocks }: GroupDesign,
  choice: PermutationChoice
) {
  const columns = [effect, ...covariates.map(({ values }) => values)]
  const permutations = makePermutations(columns, blocks, choice)
  const { all, count, distinct } = permutations
  if (count < fewestPermutations) {
    const found = distinct < BigInt(fewestPermutations) ? Number(distinct) : Number.MAX_SAFE_INTEGER
    const asked = choice.permutations
    return yield* new TooFewPermutations({ contrast, distinct: found, asked, least: fewestPermutations })
  }
  const of = all ? "all distinct orders of the design that there are" : "as asked for"
  const warnings =
    count < fewPermutations
      ? [
          `Contrast ${contrast}: ${count} permutations (${of}): no p can be below ${(1 / (all ? count : count + 1)).toPrecision(2)}`
        ]
      : []
  return { permutations, warnings }
})
