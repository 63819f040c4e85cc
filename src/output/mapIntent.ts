/**
 * The NIfTI intent of each map: what viewers may compute from its numbers.
 *
 * r̄ and z̄ have none: a correlation's intent asks for the degrees of freedom of one correlation, and Fisher z is no z score, of which
 * a viewer would make p values.
 *
 * Source: nifti1.h, "Statistical codes"
 */
import type { NiftiIntent } from "../imaging/writeNifti.ts"
import type { Statistic } from "../kernels/numericPolicy.ts"

/** NIFTI_INTENT_TTEST, whose parameter is the degrees of freedom, and NIFTI_INTENT_PVAL. */
const tTest = 3
const pValue = 22

export const intentOf = (statistic: Statistic, subjects: number): NiftiIntent | undefined => {
  if (statistic === "t") return { code: tTest, parameters: [subjects - 1] }
  return statistic === "p" || statistic === "pfdr" ? { code: pValue } : undefined
}
