/** The contrasts of two group analyses with the same name, compared: `compare.tsv`. */
import path from "node:path"
import { Effect } from "effect"
import { readVolume } from "../../imaging/nifti/readVolume.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { warn } from "../../runtime/Warnings.ts"
import type { CohortSource } from "./CohortSource.ts"
import { type CohortContrast, compareContrasts, type FoundComparison } from "./Comparison.ts"
import { contrastStem } from "./contrastFiles.ts"
import { comparedPermutations } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

/** Difference of a statistic from that of the other folder's map that rounding explains, as a share of its size. */
const mostDifference = 1e-3

export interface ContrastOfGroup {
  readonly config: { readonly name: string; readonly ranks: boolean; readonly seed: number }
  readonly design: GroupDesign
}

export interface ComparedGroup {
  readonly contrasts: ReadonlyArray<ContrastOfGroup>
  readonly source: CohortSource
  readonly elements: Int32Array
}

/** The other analysis, with its output folder. */
export interface OtherGroup extends ComparedGroup {
  readonly folder: string
  readonly space: string
}

export const compareGroups = Effect.fn("compareGroups")(function* (
  pool: GroupPool,
  own: ComparedGroup,
  other: OtherGroup
) {
  const rows = yield* Effect.forEach(
    pairsOf(own.contrasts, other.contrasts),
    Effect.fnUntraced(function* ([one, two]) {
      const { name, seed } = one.config
      const found = yield* compareContrasts(pool, within(own, one), within(other, two), seed)
      if (found.voxels === 0) {
        const problem = "its maps and those of this analysis have no voxel in common"
        return yield* new InvalidCohort({
          file: other.folder,
          problem,
          remedy: "Compare maps of the same part of the brain"
        })
      }
      yield* checkStatistic(other, two, found)
      if (found.r === undefined) {
        yield* warn({
          file: other.folder,
          found: `Contrast ${name}: one of the two maps is the same everywhere`,
          taken: "There is no correlation of the two"
        })
      }
      const { voxels, r, p } = found
      return [name, one.design.kept.length, two.design.kept.length, voxels, r, p, comparedPermutations, other.folder]
    })
  )
  const output = yield* OutputFolder
  const header = ["contrast", "patients", "other_patients", "voxels", "r", "p", "permutations", "other"]
  yield* output.write("compare.tsv", formatTable(header, rows))
})

/** Contrasts of the same name. */
export const pairsOf = <Contrast extends { readonly config: { readonly name: string } }>(
  own: ReadonlyArray<Contrast>,
  others: ReadonlyArray<Contrast>
): ReadonlyArray<readonly [Contrast, Contrast]> =>
  own.flatMap((one) => {
    const other = others.find(({ config }) => config.name === one.config.name)
    return other === undefined ? [] : [[one, other] as const]
  })

/** The map of a contrast that its p is made of, relative to its output folder. */
export const statisticFile = (
  space: string,
  { config, design }: { readonly config: { readonly name: string }; readonly design: Pick<GroupDesign, "variance"> }
): string => `${contrastStem(space, config.name, design.variance === undefined ? "t" : "g")}.nii.gz`

const within = ({ source, elements }: ComparedGroup, { config, design }: ContrastOfGroup): CohortContrast => ({
  design,
  ranks: config.ranks,
  source,
  elements
})

/** Fails where the other's statistic is not what its folder has: then its maps or its participants are others now. */
const checkStatistic = Effect.fnUntraced(function* (
  { folder, space }: OtherGroup,
  { config, design }: ContrastOfGroup,
  { elements, otherStatistic }: FoundComparison
) {
  const file = path.join(folder, statisticFile(space, { config, design }))
  const { values } = yield* readVolume(file)
  for (let v = 0; v < elements.length; v++) {
    const [there, here] = [values[elements[v]!] ?? Number.NaN, otherStatistic[v]!]
    if (Math.abs(there - here) <= mostDifference * Math.max(1, Math.abs(here))) continue
    const problem = `at voxel ${elements[v]} it has ${there.toPrecision(5)}, and the maps and participants that its manifest names now give ${here.toPrecision(5)}`
    return yield* new InvalidCohort({ file, problem, remedy: "Run that analysis again, then compare" })
  }
})
