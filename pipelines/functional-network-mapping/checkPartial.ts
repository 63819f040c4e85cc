/**
 * What can be known of `seeds.partial` before anything is computed: whether so many seeds can be taken out of time series of that length,
 * and whether lesions have the same seed. Two seeds that are alike in a subject only, nobody knows before (`CollinearSeeds`).
 */
import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { averagedRuns, type Connectome } from "../../src/connectome/Connectome.ts"
import { type SeedRegion, totalWeight, weightsOf } from "../../src/elements/SeedRegion.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { warn } from "../../src/runtime/Warnings.ts"

/** The seeds of a study cannot be taken out of one another. */
export class PartialRefused extends Schema.TaggedError<PartialRefused>()("PartialRefused", {
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `seeds.partial: ${this.problems.join("\n  ")}`
  }
}

/** What of a study decides whether its seeds can be taken out of one another. */
interface Partialled {
  readonly connectome: Pick<Connectome, "subjects">
  readonly partial?: { readonly lesions: ReadonlyArray<Lesion> }
  readonly matrix?: boolean
}

/** Errors: `PartialRefused`, with all that is wrong. Warns where there is one lesion, of which nothing is taken out. */
export const checkPartial = Effect.fnUntraced(function* ({ connectome, partial, matrix }: Partialled) {
  if (partial === undefined) return
  const { lesions } = partial
  const problems = [
    ...(matrix === true
      ? [
          "not together with statistics.matrix: seeds with each other taken out have nothing in common. Set one of the two to false"
        ]
      : []),
    ...lengthProblem(connectome, lesions.length),
    ...sameSeeds(lesions).map(
      (files) => `these lesions have the same voxels and weights, so that nothing is left of them: ${files.join(", ")}`
    )
  ]
  if (problems.length > 0) return yield* new PartialRefused({ problems })
  if (lesions.length === 1) {
    const found = "there is one lesion, so that there are no other seeds"
    yield* warn({
      file: "seeds.partial: true",
      found,
      taken: "Nothing is taken out: the map is that of partial: false"
    })
  }
})

/** Taking out as many seeds as there are, and the mean, must leave two degrees of freedom, in each run that r is averaged over. */
const lengthProblem = ({ subjects }: Pick<Connectome, "subjects">, seeds: number): ReadonlyArray<string> => {
  const lengths = subjects.map((subject) => Math.min(...(averagedRuns(subject) ?? [subject.timePoints])))
  const shortest = lengths.reduce((least, length, n) => (length < lengths[least]! ? n : least), 0)
  const length = lengths[shortest]!
  if (seeds < 2 || seeds < length - 1) return []
  const { id, file, averagesRuns } = subjects[shortest]!
  const whose = `subject ${id} of ${file} has ${length}${averagesRuns === true ? " in a run" : ""}`
  const most = Math.max(1, length - 2)
  return [
    `${seeds} lesions need time series of ${seeds + 2} time points at least, and ${whose}. Map ${most} lesions or fewer in a run`
  ]
}

/** Files of lesions that have the same seed, whatever their weights are multiplied with. */
const sameSeeds = (lesions: ReadonlyArray<Lesion>): ReadonlyArray<ReadonlyArray<string>> =>
  [...Map.groupBy(lesions, seedKey).values()]
    .filter((alike) => alike.length > 1)
    .map((alike) => alike.map(({ file }) => file))

const seedKey = (region: SeedRegion): string => {
  const { buffer, byteOffset, byteLength } = region.voxels
  const total = totalWeight(region)
  // As float32, as products of weights with a factor differ in the last digits of float64.
  const shares = Float32Array.from(weightsOf(region), (weight) => weight / total)
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .update(new Uint8Array(shares.buffer))
    .digest("hex")
}
