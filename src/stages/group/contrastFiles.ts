/** The files of a contrast: its maps, each with a sidecar, and its tables. */
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { formingP } from "../../kernels/group/groupPolicy.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { packageVersion } from "../../runtime/version.ts"
import { type ContrastChoice, type ContrastRow, contrastRows, type FoundContrast } from "./contrastRows.ts"
import { contrastTableNames, contrastTables } from "./contrastTables.ts"
import type { GroupDesign } from "./groupDesign.ts"

const stemOf = (space: string, contrast: string, name: string): string =>
  `space-${space}_desc-${contrast}_stat-${name}_statmap`

/** Every file of a contrast, relative to the output folder. */
export const contrastFileNames = (space: string, contrast: string, choice: ContrastChoice): ReadonlyArray<string> => [
  ...contrastRows(choice).flatMap(({ name }) => {
    const stem = stemOf(space, contrast, name)
    return [`${stem}.nii.gz`, `${stem}.json`]
  }),
  ...contrastTableNames(contrast)
]

export interface WrittenContrast extends ContrastChoice {
  readonly name: string
  readonly of: string
  readonly blocks: string | null
  readonly seed: number
  readonly ranks: boolean
  readonly design: GroupDesign
  readonly permutations: Permutations
  readonly found: FoundContrast
}

export interface ContrastPlace {
  readonly grid: Grid
  readonly space: string
  readonly elements: Int32Array
  readonly patients: ReadonlyArray<string>
}

const sidecarOf = (row: ContrastRow, contrast: WrittenContrast, space: string) => {
  const { name, of, blocks, seed, ranks, design, permutations } = contrast
  return {
    Description: row.description,
    StatisticType: row.name,
    Units: row.unit,
    Contrast: name,
    Effect: of,
    ...(design.groups === undefined ? {} : { Groups: design.groups.names, GroupSizes: design.groups.sizes }),
    Covariates: design.covariates.map((covariate) => covariate.name),
    ExchangeabilityBlocks: blocks,
    Ranks: ranks,
    Patients: design.kept.length,
    DegreesOfFreedom: design.basis.degreesOfFreedom,
    Permutations: permutations.count,
    AllPermutations: permutations.all,
    Seed: permutations.all ? null : seed,
    ...neighbourhoodOf(row, contrast.found),
    SpatialReference: space,
    SoftwareVersion: packageVersion
  }
}

/** How neighbours enter a map. */
const neighbourhoodOf = ({ of }: ContrastRow, { spatial }: FoundContrast) =>
  of === undefined
    ? {}
    : {
        Connectivity: "faces",
        ...(of === "tfce"
          ? { ExtentExponent: 0.5, HeightExponent: 2 }
          : { FormingP: formingP, FormingThreshold: spatial!.threshold })
      }

/** Writes maps and tables of a contrast. Memory: a volume in float32, twice. Errors: `OutputNotWritten`. */
export const writeContrast = Effect.fn("writeContrast")(function* (contrast: WrittenContrast, place: ContrastPlace) {
  const output = yield* OutputFolder
  const { grid, space, elements } = place
  for (const row of contrastRows(contrast)) {
    const stem = stemOf(space, contrast.name, row.name)
    const values = new Float32Array(voxelsOf(grid)).fill(row.background)
    const own = row.values(contrast.found)
    for (let v = 0; v < elements.length; v++) values[elements[v]!] = own[v]!
    const intent = row.intent?.(contrast.design.basis.degreesOfFreedom)
    const bytes = encodeNifti({ grid, space, values, description: stem, intent })
    releaseMemory(values)
    const compressed = yield* gzipNifti(bytes)
    releaseMemory(bytes)
    yield* output.write(`${stem}.nii.gz`, compressed)
    releaseMemory(compressed)
    yield* output.write(`${stem}.json`, `${JSON.stringify(sidecarOf(row, contrast, space), null, 2)}\n`)
  }
  for (const { file, text } of contrastTables(contrast, place)) yield* output.write(file, text)
})
