/** What a contrast shows and what it does not, in words for whoever has not met permutation tests: every sentence follows from its findings. */
import { listed } from "../methodsText.ts"
import { count, several, significant } from "../numbers.ts"
import type { ContrastFindings, Correction, Inference } from "./GroupFindings.ts"

/** Each rule as a row of the table has it. */
export const correctionNames: Readonly<Record<Correction, string>> = {
  voxel: "Voxel by voxel (largest value)",
  tfce: "TFCE",
  extent: "Extent of clusters",
  mass: "Mass of clusters",
  fdr: "False discovery rate"
}

const shortNames: Readonly<Record<Correction, string>> = {
  voxel: "voxel by voxel",
  tfce: "by TFCE",
  extent: "by extents of clusters",
  mass: "by masses of clusters",
  fdr: "by false discovery rate"
}

/** Rules that hold the chance of any false positive, in the order in which they are told of. */
const familyWise: ReadonlyArray<Correction> = ["voxel", "tfce", "extent", "mass"]

const voxelsOf = ({ positive, negative }: Inference): number => positive + negative

/** What was tested: "aphasia: 1 (30 patients) against 0 (30 patients)". */
export const testedWords = ({ design, statistic }: Pick<ContrastFindings, "design" | "statistic">): string => {
  const { effect, groups, covariates, blocks, ranks, patients } = design
  const [without, having] = groups
  const compared =
    without === undefined || having === undefined
      ? `the score ${effect} over ${several(patients, "patient")}`
      : `${effect}: ${having.name} (${several(having.patients, "patient")}) against ${without.name} (${several(without.patients, "patient")})`
  return [
    `Tested is ${compared}`,
    ...(covariates.length === 0 ? [] : [`with ${listed(covariates)} taken out`]),
    ...(blocks === undefined ? [] : [`permuted within ${blocks}`]),
    ...(ranks ? ["by ranks"] : []),
    ...(statistic === "g" ? ["with a variance for each group (G)"] : [])
  ]
    .join(", ")
    .concat(".")
}

export interface ContrastWords {
  readonly title: string
  readonly shows: ReadonlyArray<string>
  readonly doesNot: ReadonlyArray<string>
}

export const contrastWords = (contrast: ContrastFindings): ContrastWords => {
  const { inferences, design } = contrast
  const found = inferences.filter((one) => familyWise.includes(one.by) && voxelsOf(one) > 0)
  return found.length > 0
    ? { title: "What this shows, and what it does not", shows: shown(contrast, found), doesNot: limits(design) }
    : { title: "Nothing is significant", shows: notFound(contrast), doesNot: [] }
}

const shown = ({ design }: ContrastFindings, found: ReadonlyArray<Inference>): ReadonlyArray<string> => {
  const { effect, covariates, groups, blocks } = design
  const [, having] = groups
  const larger = having === undefined ? `the larger ${effect} is` : `in patients with ${effect} ${having.name}`
  const counts = found.map(
    ({ by, positive, negative }) => `${several(positive, "voxel")} and ${count(negative)} (${shortNames[by]})`
  )
  const given = covariates.length === 0 ? "" : `, with ${listed(covariates)} held constant`
  return [
    `At corrected p < 0.05 the connectivity is stronger ${larger}, and weaker or more negative, in so many voxels: ${listed(counts)}.`,
    `There the maps go with ${effect} more strongly than anything in the brain does in 95 % of the permutations of these patients${blocks === undefined ? "" : ` within ${blocks}`}${given}. Without any effect one study in twenty would find such a place.`
  ]
}

const notFound = ({ design, maxima, statistic }: ContrastFindings): ReadonlyArray<string> => {
  const needed = maxima.find(({ of }) => of === statistic)?.needed
  const name = statistic === "t" ? "t" : "G"
  return [
    `No voxel is below a corrected p of 0.05.${needed === undefined ? "" : ` It would have taken |${name}| above ${significant(needed)}.`} That is no evidence that there is no network: with ${several(design.patients, "patient")} weaker effects are missed.`
  ]
}

const limits = ({ effect, covariates }: ContrastFindings["design"]): ReadonlyArray<string> => {
  const lacking = [
    ["lesion_volume", "the size of the lesions"],
    ["centrality", "how well connected the injured tissue is (centrality)"]
  ].filter(([column]) => !covariates.includes(column!))
  const [neither, of] = lacking.length === 1 ? ["That is not", "it"] : ["Neither is", "either"]
  return [
    `It does not show that injury of this network causes ${effect}, nor that the network is special to it: the maps are those of healthy people's connections, and patients differ in more than one thing.`,
    lacking.length === 0
      ? "Lesion volume and centrality are among the covariates, so that what goes with them along a straight line is taken out; what goes with them otherwise is not."
      : `Patients who differ in ${effect} may also differ in ${listed(lacking.map(([, words]) => words!))}. ${neither} among the covariates, and a network of ${of} would look the same here.`,
    "Voxels that are not significant are not shown to be different from those that are, and the size of a cluster is no measure of its importance."
  ]
}

/** Corrected p hold for a contrast by itself. */
export const manyContrasts = (contrasts: number): string | undefined =>
  contrasts < 2
    ? undefined
    : `${count(contrasts)} contrasts were tested. Each corrected p holds for its own contrast: over all of them the chance of a false finding is larger.`
