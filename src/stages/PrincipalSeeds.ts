/**
 * Principal seeds: of each lesion keeps the voxels that go together over subjects. The first principal component of the
 * correlations (subjects × lesion voxels) is fitted, over all subjects or in each input file apart, and the voxels whose |loading|
 * is at or above a percentile become the seed.
 *
 * Input: the correlations of a lesion batch. Output: one element, the refined seeds. Where an engine runs, its workers fit the
 * components side by side.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */
import { Effect, Option, Schema, Stream } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import type { RefinedSeeds, SubjectGroup } from "../elements/RefinedSeeds.ts"
import type { SeedRegion } from "../elements/SeedRegion.ts"
import type { WithinCorrelations } from "../elements/WithinCorrelations.ts"
import { Engine } from "../engine/Engine.ts"
import { firstComponent } from "../kernels/firstComponent.ts"
import { keepByLoading } from "../kernels/keepByLoading.ts"
import { fewestSubjects } from "../kernels/numericPolicy.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"

export interface PrincipalSeedsOptions {
  /** The regions that the correlations are of. */
  readonly regions: ReadonlyArray<SeedRegion>
  readonly subjects: ReadonlyArray<Subject>
  /** Percentile of |loading| from which a voxel is kept: 0 to 100. */
  readonly percentile: number
  /** One component over all subjects, or one in each input file. */
  readonly scope: "connectome" | "file"
}

/** A component over the subjects of one file is asked for, and a file has only one. */
export class SingleSubjectFile extends Schema.TaggedError<SingleSubjectFile>()("SingleSubjectFile", {
  file: Schema.String
}) {
  override get message(): string {
    return (
      `pini_scope: file fits a component over the subjects of each file, but ${this.file} holds only one. ` +
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

export const principalSeeds = (
  options: PrincipalSeedsOptions
): Stage<WithinCorrelations, RefinedSeeds, WorkerFailed> => ({
  name: "principalSeeds",
  transform: (correlations) => Stream.mapEffect(correlations, (found) => refine(found, options)),
  // A worker holds a few vectors of a lesion's voxels, and of each iteration one as long as there are subjects or voxels.
  footprintBytes: ({ subjects, readers, withinVoxels = [] }) => {
    const largest = withinVoxels[1] ?? 0
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

const refine = Effect.fnUntraced(function* (found: WithinCorrelations, options: PrincipalSeedsOptions) {
  const { regions, subjects, percentile, scope } = options
  const groups = groupsOf(subjects, scope)
  const kept = yield* Effect.forEach(groups, (group) =>
    Effect.forEach(
      regions,
      (_, lesion) => Effect.map(loadingsOf(found, group, lesion), (loadings) => keepByLoading(loadings, percentile)),
      { concurrency: "unbounded" }
    )
  )
  const refined = kept.map((ofGroup) => regions.map((region, lesion) => keepVoxels(region, ofGroup[lesion]!)))
  const groupOf = groups.flatMap(({ count }, group) => new Array<number>(count).fill(group))
  const seeds: RefinedSeeds = { groups, kept, regions: ({ index }) => refined[groupOf[index]!]! }
  return seeds
})

/** The loadings of a lesion's voxels, by a worker where the correlations lie in the engine's memory. */
const loadingsOf = Effect.fnUntraced(function* (
  { values, columns }: WithinCorrelations,
  { first, count }: SubjectGroup,
  lesion: number
) {
  const rowValues = columns.at(-1)!
  const matrix = {
    first: first * rowValues + columns[lesion]!,
    rows: count,
    rowValues,
    columns: columns[lesion + 1]! - columns[lesion]!
  }
  const engine = yield* Effect.serviceOption(Engine)
  if (Option.isSome(engine) && values.buffer === engine.value.memory.buffer) {
    const done = yield* engine.value.run({
      kind: "component",
      values: values.byteOffset,
      length: values.length,
      matrix
    })
    return done.loadings!
  }
  yield* Effect.yieldNow
  return firstComponent({ values, ...matrix })
})

const keepVoxels = ({ voxels, weights }: SeedRegion, kept: Uint8Array): SeedRegion => ({
  voxels: voxels.filter((_, i) => kept[i] === 1),
  ...(weights === undefined ? {} : { weights: weights.filter((_, i) => kept[i] === 1) })
})
