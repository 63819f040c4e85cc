/**
 * Principal seeds: of each lesion keeps the voxels that go together over subjects. The first principal component of the
 * correlations (subjects × lesion voxels) is fitted, over all subjects or in each input file apart, and the voxels whose |loading|
 * is at or above a percentile become the seed.
 *
 * Input: the correlations of a lesion batch. Output: one element, the refined seeds.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */
import { Effect, Schema, Stream } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import { formatSubjects, missingSubjects } from "../elements/coveredSubjects.ts"
import type { LesionVoxelCorrelations } from "../elements/LesionVoxelCorrelations.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { PrincipalSeedsOptions, RefinedSeeds, SubjectGroup } from "../elements/RefinedSeeds.ts"
import { keepVoxels } from "../elements/SeedRegion.ts"
import { firstComponent, type MatrixView } from "../kernels/firstComponent.ts"
import { keepByLoading } from "../kernels/keepByLoading.ts"
import { fewestSubjects } from "../kernels/numericPolicy.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** A component over the subjects of one file is asked for, and a file has only one. */
export class SingleSubjectFile extends Schema.TaggedError<SingleSubjectFile>()("SingleSubjectFile", {
  file: Schema.String
}) {
  override get message(): string {
    return (
      `pini_scope: file fits a component over the subjects of each file, but of ${this.file} there is only one. ` +
      "Set pini_scope to connectome."
    )
  }
}

/** Fails where the scope leaves a component without subjects to spread over. */
export const checkScope = Effect.fnUntraced(function* (
  subjects: ReadonlyArray<Subject>,
  scope: PrincipalSeedsOptions["scope"]
) {
  const lonely = groupsOf(subjects, scope).find(({ count }) => count < fewestSubjects)
  if (lonely !== undefined) return yield* new SingleSubjectFile({ file: subjects[lonely.first]!.file })
})

/** Fits the first principal component of a part of the correlations: gives the loadings of its columns. */
export type FitComponent<E, R> = (
  values: Int32Array,
  matrix: Omit<MatrixView, "values">
) => Effect.Effect<Float64Array, E, R>

/** A component is asked for of the correlations of only some subjects. */
export class SubjectsMissing extends Schema.TaggedError<SubjectsMissing>()("SubjectsMissing", {
  /** Positions in the connectome, the first subject is 0. */
  missing: Schema.Array(Schema.Struct({ first: Schema.Int, count: Schema.Int }))
}) {
  override get message(): string {
    return (
      `refined seeds are made of all subjects, and the correlations of subjects ${formatSubjects(this.missing)} are missing. ` +
      "Compute them and join them to the others."
    )
  }
}

/** The stage that refines seeds. Errors: `SubjectsMissing` where the correlations do not cover all subjects. */
export const principalSeeds = (
  options: PrincipalSeedsOptions
): Stage<LesionVoxelCorrelations, RefinedSeeds, SubjectsMissing> =>
  principalSeedsWith(options, (values, matrix) =>
    Effect.map(Effect.yieldNow, () => firstComponent({ values, ...matrix }))
  )

/** `principalSeeds` with components that are fitted in another place. */
export const principalSeedsWith = <E, R>(
  options: PrincipalSeedsOptions,
  fitComponent: FitComponent<E, R>
): Stage<LesionVoxelCorrelations, RefinedSeeds, E | SubjectsMissing, R> => ({
  name: "principalSeeds",
  operation: { _tag: "principalSeeds", options } satisfies StageOperation,
  transform: (correlations) => Stream.mapEffect(correlations, (found) => refine(found, options, fitComponent)),
  // A worker holds a few vectors of a lesion's voxels, and of each iteration one as long as there are subjects or voxels.
  footprintBytes: ({ subjects, readers, correlatedVoxels = [] }) => {
    const largest = correlatedVoxels[1] ?? 0
    const values = expectedIterations * Math.min(subjects, largest) + vectorsOfVoxels * largest
    return readers * values * bytesPerFloat64
  }
})

/** Iterations that a component takes as a rule. */
const expectedIterations = 60
const vectorsOfVoxels = 4

/** The subjects that share seeds, in their order. */
const groupsOf = (
  subjects: ReadonlyArray<Subject>,
  scope: PrincipalSeedsOptions["scope"]
): ReadonlyArray<SubjectGroup> => {
  if (scope === "connectome") return [{ first: 0, count: subjects.length }]
  const starts = subjects.flatMap(({ file }, index) => (subjects[index - 1]?.file === file ? [] : [index]))
  return starts.map((first, group) => ({ first, count: (starts[group + 1] ?? subjects.length) - first }))
}

const refine = Effect.fnUntraced(function* <E, R>(
  found: LesionVoxelCorrelations,
  options: PrincipalSeedsOptions,
  fitComponent: FitComponent<E, R>
) {
  const { regions, subjects, percentile, scope } = options
  const missing = missingSubjects(found.covered, found.subjects)
  if (missing.length > 0) return yield* new SubjectsMissing({ missing })
  const groups = groupsOf(subjects, scope)
  const kept = yield* Effect.forEach(groups, (group) =>
    Effect.forEach(
      regions,
      (_, lesion) =>
        Effect.map(fitComponent(found.values, matrixOf(found, group, lesion)), (loadings) =>
          keepByLoading(loadings, percentile)
        ),
      { concurrency: "unbounded" }
    )
  )
  return refinedSeeds(options, kept)
})

/** The seeds, from which voxels of each group's and lesion's are kept. */
export const refinedSeeds = (
  { regions, subjects, scope }: Pick<PrincipalSeedsOptions, "regions" | "subjects" | "scope">,
  kept: RefinedSeeds["kept"]
): RefinedSeeds => {
  const groups = groupsOf(subjects, scope)
  const refined = kept.map((ofGroup) =>
    regions.map((region, lesion) => keepVoxels(region, (_, position) => ofGroup[lesion]![position] === 1))
  )
  const groupOf = groups.flatMap(({ count }, group) => new Array<number>(count).fill(group))
  return { groups, kept, regions: ({ index }) => refined[groupOf[index]!]! }
}

/** Where a lesion's correlations of a group of subjects lie. */
const matrixOf = ({ columns }: LesionVoxelCorrelations, { first, count }: SubjectGroup, lesion: number) => ({
  first: first * columns.at(-1)! + columns[lesion]!,
  rows: count,
  rowValues: columns.at(-1)!,
  columns: columns[lesion + 1]! - columns[lesion]!
})
