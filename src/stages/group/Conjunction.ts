/**
 * The conjunction of an overlap and a contrast: voxels where at least a share of the patients is at or beyond a level of t, and where the
 * contrast has the same sign and a corrected p below 0.05. A mask for each contrast, and a table.
 *
 * What an overlap alone shows may be the connectome's shape, what a contrast alone shows may lie outside of the patients' networks.
 */
import { Effect } from "effect"
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { conjunctionMasks, leastCount, voxelsIn } from "../../kernels/group/overlapShares.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { packageVersion } from "../../runtime/version.ts"
import { alpha } from "./contrastClusters.ts"
import type { FoundContrast } from "./contrastRows.ts"
import type { ReachedShare } from "./Overlap.ts"
import type { ConjunctionP, PlannedOverlap } from "./planOverlap.ts"

/** The maps that hold each corrected p; that of TFCE is there where the contrast has it, which the plan has checked. */
const mapOfP: Readonly<Record<ConjunctionP, (found: FoundContrast) => Float64Array>> = {
  pfwe: ({ maps }) => maps.familyWise,
  pfdr: ({ maps }) => maps.falseDiscovery,
  ptfcefwe: ({ spatial }) => spatial!.familyWise.enhanced
}

export interface ConjunctionRequest {
  /** The contrast's name. */
  readonly contrast: string
  readonly found: FoundContrast
  /** Elements of the grid that the contrast took. */
  readonly elements: Int32Array
}

const stemOf = (contrast: string, space: string): string => `space-${space}_desc-${contrast}_label-conjunction_mask`

/** Every file of the conjunctions, relative to the output folder. */
export const conjunctionFiles = (contrasts: ReadonlyArray<string>, space: string): ReadonlyArray<string> => [
  ...contrasts.flatMap((contrast) => [`${stemOf(contrast, space)}.nii.gz`, `${stemOf(contrast, space)}.json`]),
  ...(contrasts.length === 0 ? [] : ["conjunction.tsv"])
]

/** Writes the mask of a contrast; gives its row of the table. Errors: `OutputNotWritten`. */
export const writeConjunction = Effect.fn("writeConjunction")(function* (
  { contrast, found, elements }: ConjunctionRequest,
  { overlap, reached }: { readonly overlap: PlannedOverlap; readonly reached: ReachedShare }
) {
  const { grid, space, files, choice } = overlap
  const output = yield* OutputFolder
  const { t, share, conjunction: p } = choice
  const values = { elements, statistic: found.maps.statistic, p: mapOfP[p](found) }
  const { positive, negative } = conjunctionMasks(reached, values, alpha)
  const either = positive.map((inside, v) => inside | negative[v]!)
  const stem = stemOf(contrast, space)
  const least = leastCount(share, files.length)
  const sidecar = {
    Description:
      `Where at least ${least} of ${files.length} patients have t ≥ ${t} and contrast ${contrast} is above 0 with ${p} < ${alpha}, ` +
      `or they have t ≤ -${t} and it is below 0`,
    Contrast: contrast,
    CorrectedP: p,
    Alpha: alpha,
    Threshold: t,
    Share: share,
    LeastPatients: least,
    Patients: files.length,
    SpatialReference: space,
    SoftwareVersion: packageVersion
  }
  yield* output.write(
    `${stem}.nii.gz`,
    yield* gzipNifti(encodeNifti({ grid, space, values: either, description: stem }))
  )
  yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
  const millilitres = (voxels: number) => (voxels * voxelVolumeMm3(grid.affine)) / 1000
  const [up, down] = [voxelsIn(positive), voxelsIn(negative)]
  const row = {
    contrast,
    p,
    alpha,
    tau: t,
    share,
    patients: least,
    positive_voxels: up,
    positive_ml: millilitres(up),
    negative_voxels: down,
    negative_ml: millilitres(down)
  }
  return row
})

export type ConjunctionRow = Effect.Success<ReturnType<typeof writeConjunction>>

/** Writes `conjunction.tsv`, a row a contrast; nothing where there are no rows. Errors: `OutputNotWritten`. */
export const writeConjunctions = Effect.fn("writeConjunctions")(function* (rows: ReadonlyArray<ConjunctionRow>) {
  if (rows.length === 0) return
  const output = yield* OutputFolder
  yield* output.write("conjunction.tsv", formatTable(Object.keys(rows[0]!), rows.map(Object.values)))
})
