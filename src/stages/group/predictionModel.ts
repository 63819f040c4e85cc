/**
 * The model of a prediction: the map of partial correlations of a score and the patients' maps, over all patients, as a file that other
 * cohorts are scored with. Its sidecar says what it is of, and has a fingerprint of that and the values, so that a changed map is noticed.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { packageVersion } from "../../runtime/version.ts"
import { tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"

const modelStem = (space: string): string => `space-${space}_desc-model_stat-r_statmap`

/** The files of a model, relative to the output folder. */
export const modelFiles = (space: string): ReadonlyArray<string> =>
  ["nii.gz", "json"].map((extension) => `${modelStem(space)}.${extension}`)

/** What a model is of. */
export interface ModelDescription {
  readonly of: string
  /** The two groups, coded 0 and 1; undefined for a score. */
  readonly groups: readonly [string, string] | undefined
  readonly covariates: ReadonlyArray<string>
  readonly patients: number
  readonly space: string
}

/** SHA-256 of what a model is of and of its float32 values. Shape: (voxels of the grid). */
export const fingerprintOfModel = (model: ModelDescription, grid: Grid, values: Float32Array): string => {
  const { of, groups = null, covariates, patients, space } = model
  const { shape, affine } = grid
  // The affine of a file is float32.
  const text = JSON.stringify({ of, groups, covariates, patients, space, shape, affine: [...affine].map(Math.fround) })
  return createHash("sha256")
    .update(text)
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex")
}

/** The model of all patients of a design. Shape: (voxels). */
export const computeModel = Effect.fn("computeModel")(function* (
  pool: GroupPool,
  { basis, kept }: GroupDesign,
  voxels: number
) {
  const model = new Float64Array(voxels)
  const firsts = Array.from({ length: Math.ceil(voxels / tileVoxels) }, (_, tile) => tile * tileVoxels)
  yield* Effect.forEach(
    firsts,
    Effect.fnUntraced(function* (firstVoxel) {
      const own = Math.min(tileVoxels, voxels - firstVoxel)
      const done = yield* pool.run({ kind: "model", writesNothing: true, basis, kept, firstVoxel, voxels: own })
      model.set(done.correlation, firstVoxel)
    }),
    { concurrency: pool.workers, discard: true }
  )
  return model
})

/** Writes a model; gives its fingerprint. Memory: a volume in float32, twice. Errors: `OutputNotWritten`. */
export const writeModel = Effect.fn("writeModel")(function* (
  model: Float64Array,
  description: ModelDescription,
  { grid, elements }: { readonly grid: Grid; readonly elements: Int32Array }
) {
  const output = yield* OutputFolder
  const { of, groups, covariates, patients, space } = description
  const stem = modelStem(space)
  const values = new Float32Array(voxelsOf(grid))
  for (let v = 0; v < elements.length; v++) values[elements[v]!] = model[v]!
  const fingerprint = fingerprintOfModel(description, grid, values)
  const bytes = encodeNifti({ grid, space, values, description: stem })
  yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(bytes))
  const sidecar = {
    Description:
      "Partial correlation of score and Fisher z over the patients: the model that other cohorts are scored with",
    StatisticType: "r",
    Units: "correlation coefficient",
    Score: of,
    ...(groups === undefined ? {} : { Groups: groups }),
    Covariates: covariates,
    Patients: patients,
    Fingerprint: fingerprint,
    SpatialReference: space,
    SoftwareVersion: packageVersion
  }
  yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
  return fingerprint
})
