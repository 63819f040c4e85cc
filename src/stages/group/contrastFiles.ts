/** The maps of a contrast as files: what each is called, what its numbers are, and its image with a sidecar. */
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti, type NiftiIntent } from "../../imaging/nifti/writeNifti.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { packageVersion } from "../../runtime/version.ts"
import type { ContrastMaps } from "./Contrast.ts"
import type { GroupDesign } from "./groupDesign.ts"

interface ContrastRow {
  readonly name: string
  readonly of: Exclude<keyof ContrastMaps, "maxima">
  readonly description: string
  readonly unit: string
  readonly background: 0 | 1
}

/** The maps of a contrast; `stat` is t or g. */
const rowsOf = (stat: "t" | "g"): ReadonlyArray<ContrastRow> => [
  {
    name: "effect",
    of: "effect",
    description: "Change of Fisher z with one unit of the effect, covariates taken out; of ranks where these are taken",
    unit: "arbitrary",
    background: 0
  },
  {
    name: stat,
    of: "statistic",
    description:
      stat === "t" ? "t of the effect, by Freedman and Lane's method" : "Winkler's G: t with a variance for each group",
    unit: "arbitrary",
    background: 0
  },
  {
    name: "r",
    of: "correlation",
    description: "Partial correlation of effect and map",
    unit: "correlation coefficient",
    background: 0
  },
  { name: "p", of: "p", description: "Two-tailed p by permutation, uncorrected", unit: "probability", background: 1 },
  {
    name: "pfwe",
    of: "familyWise",
    description: "Two-tailed p by permutation, corrected for all voxels by the largest statistic of each permutation",
    unit: "probability",
    background: 1
  },
  {
    name: "pfdr",
    of: "falseDiscovery",
    description: "p by permutation (stat-p), adjusted for the false discovery rate (Benjamini and Hochberg)",
    unit: "probability",
    background: 1
  }
]

const stemOf = (space: string, contrast: string, name: string): string =>
  `space-${space}_desc-${contrast}_stat-${name}_statmap`

/** Every file of a contrast, relative to the output folder. */
export const contrastFileNames = (space: string, contrast: string, unequal: boolean): ReadonlyArray<string> =>
  rowsOf(unequal ? "g" : "t").flatMap(({ name }) => {
    const stem = stemOf(space, contrast, name)
    return [`${stem}.nii.gz`, `${stem}.json`]
  })

export interface WrittenContrast {
  readonly name: string
  readonly of: string
  readonly blocks: string | null
  readonly seed: number
  readonly ranks: boolean
  readonly design: GroupDesign
  readonly permutations: Permutations
  readonly maps: ContrastMaps
}

const intentOf = ({ name }: ContrastRow, { basis }: GroupDesign): NiftiIntent | undefined =>
  name === "t" ? { code: 3, parameters: [basis.degreesOfFreedom] } : name.startsWith("p") ? { code: 22 } : undefined

const sidecarOf = (
  row: ContrastRow,
  { name, of, blocks, seed, ranks, design, permutations }: WrittenContrast,
  space: string
) => ({
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
  SpatialReference: space,
  SoftwareVersion: packageVersion
})

/** Writes the maps of a contrast. Memory: a volume in float32, twice. Errors: `OutputNotWritten`. */
export const writeContrast = Effect.fn("writeContrast")(function* (
  contrast: WrittenContrast,
  { grid, space, elements }: { readonly grid: Grid; readonly space: string; readonly elements: Int32Array }
) {
  const output = yield* OutputFolder
  for (const row of rowsOf(contrast.design.variance === undefined ? "t" : "g")) {
    const stem = stemOf(space, contrast.name, row.name)
    const values = new Float32Array(voxelsOf(grid)).fill(row.background)
    const own = contrast.maps[row.of]
    for (let v = 0; v < elements.length; v++) values[elements[v]!] = own[v]!
    const bytes = encodeNifti({ grid, space, values, description: stem, intent: intentOf(row, contrast.design) })
    yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(bytes))
    yield* output.write(`${stem}.json`, `${JSON.stringify(sidecarOf(row, contrast, space), null, 2)}\n`)
  }
})

/** Effect and statistic of a contrast, as they are compared with other maps. Shape: (voxels). */
export const contrastMaps = (name: string, { variance }: GroupDesign, { effect, statistic }: ContrastMaps) => [
  { name: `desc-${name}_stat-effect`, values: Float32Array.from(effect) },
  { name: `desc-${name}_stat-${variance === undefined ? "t" : "g"}`, values: Float32Array.from(statistic) }
]
