/** Opens a model that an earlier analysis has saved, to score another cohort with it. */
import { Effect, Schema } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { reasonOf } from "../../files/reasonOf.ts"
import { type Grid, sameGrid } from "../../imaging/Grid.ts"
import { readVolume, readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import { fingerprintOfModel, type ModelDescription } from "./predictionModel.ts"

const Sidecar = Schema.Struct({
  Score: Schema.String,
  Groups: Schema.optionalKey(Schema.Tuple([Schema.String, Schema.String])),
  Covariates: Schema.Array(Schema.String),
  Patients: Schema.Int,
  Fingerprint: Schema.String,
  SpatialReference: Schema.String
})

export interface SavedModel extends ModelDescription {
  readonly file: string
  readonly sidecar: string
  readonly fingerprint: string
  /** Partial correlations; 0 where the model has none. Shape: (voxels of the grid). */
  readonly values: Float32Array
}

/** Bytes of a sidecar at most. */
const mostBytes = 2 ** 20

/**
 * Opens a model.
 *
 * Errors: `InvalidCohort` where it has no sidecar of ours, is not what was saved, or lies on another grid or in another space than the
 * cohort; those of NIfTI files.
 */
export const openModel = Effect.fn("openModel")(function* (
  file: string,
  { grid, space }: { readonly grid: Grid; readonly space: string }
) {
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file, problem, remedy })
  const again = "Give the map desc-model_stat-r of an analysis with `predict`, beside its .json"
  if (!/\.nii(\.gz)?$/.test(file)) return yield* refuse("it is no NIfTI file", again)
  const sidecar = file.replace(/\.nii(\.gz)?$/, ".json")
  const text = yield* Effect.tryPromise({
    try: () => readRegularFile(sidecar, mostBytes).then(String),
    catch: (cause) => refuse(`its sidecar cannot be read: ${reasonOf(cause, "reading")}`, again)
  })
  const said = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Sidecar))(text).pipe(
    Effect.mapError(() => refuse(`${sidecar} does not describe a model`, again))
  )
  const header = yield* readVolumeHeader(file)
  if (said.SpatialReference !== space) {
    return yield* refuse(`it is in ${said.SpatialReference}, and the maps in ${space}`, "Bring the maps into its space")
  }
  if (!sameGrid(header.grid, grid)) {
    const shapes = [header.grid, grid].map(({ shape }) => shape.join(" × "))
    const problem = `the model lies on another grid (${shapes[0]}) than the maps (${shapes[1]})`
    return yield* refuse(problem, "Resample the maps to its grid, or map on that grid")
  }
  const values = Float32Array.from((yield* readVolume(file)).values)
  const model: SavedModel = {
    file,
    sidecar,
    of: said.Score,
    groups: said.Groups,
    covariates: said.Covariates,
    patients: said.Patients,
    space,
    fingerprint: said.Fingerprint,
    values
  }
  if (fingerprintOfModel(model, header.grid, values) !== said.Fingerprint) {
    return yield* refuse("it is not the model that was saved: map or sidecar have changed", "Restore both files")
  }
  return model
})
