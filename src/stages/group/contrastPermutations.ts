/** The permutations of a contrast, refused where there are too few of them for any p of use, warned of where p is coarse. */
import { Effect } from "effect"
import { makePermutations, type PermutationChoice } from "../../kernels/group/permutations.ts"
import type { DesignWarning, GroupDesign } from "./groupDesign.ts"
import { TooFewPermutations } from "./InvalidDesign.ts"

/** Fewest permutations with which a p can reach 0.05. */
export const fewestPermutations = 20

/** Permutations below which p is too coarse to be relied on near 0.05. */
export const fewPermutations = 1_000

/** The permutations, and a warning where they are few. */
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
  const warnings: ReadonlyArray<DesignWarning> =
    count < fewPermutations
      ? [
          {
            found: `contrast ${contrast}: with ${count} permutations no p can be below ${(1 / (all ? count : count + 1)).toPrecision(2)}`,
            taken: all
              ? "These are all distinct orders of the design that there are within its blocks, and all are taken"
              : `So many are asked for, and taken. Consider ${fewPermutations} or more`
          }
        ]
      : []
  return { permutations, warnings }
})
