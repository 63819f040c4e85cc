/**
 * Opens a connectome, whatever it is made of, and checks what is asked of every connectome: a template space that somebody says, and
 * subjects enough for a statistic. Nothing is computed and no time series is read.
 */
import { Effect, Schema } from "effect"
import { fewestSubjects, mostSubjects } from "../kernels/numericPolicy.ts"
import { type Connectome, InvalidConnectome } from "./Connectome.ts"
import { refusePatternWithoutMask } from "./nifti/niftiScans.ts"
import type { ConnectomeLocation } from "./Source.ts"
import { refuseSameFiles } from "./sameFiles.ts"
import { sourceOf } from "./sourceOf.ts"

/** Neither the source nor the config says which template space the connectome is in. */
export class UnknownSpace extends Schema.TaggedError<UnknownSpace>()("UnknownSpace", { path: Schema.String }) {
  override get message(): string {
    return (
      `connectome.space: ${this.path} does not say its template space, and the config does not either. ` +
      "Add the BIDS label, e.g. `space: MNI152NLin6Asym`, under `connectome`."
    )
  }
}

/** The config says another space than the source itself. */
export class ContradictorySpace extends Schema.TaggedError<ContradictorySpace>()("ContradictorySpace", {
  path: Schema.String,
  configured: Schema.String,
  stored: Schema.String
}) {
  override get message(): string {
    return (
      `connectome.space: the config says ${this.configured}, but ${this.path} says ${this.stored}. ` +
      "Remove `space` from the config, or correct it."
    )
  }
}

/** HDF5 does not say where one run ends: there is nothing to average over. */
const refuseJoinedRuns = ({ kind, path }: Connectome): Effect.Effect<void, InvalidConnectome> => {
  if (kind !== "hdf5") return Effect.void
  const problem = "HDF5 does not say which runs a subject has, and `connectome.runs: average` needs them apart"
  const remedy =
    "Give the folder of the scans themselves (NIfTI, Lead-DBS or NumPy), or set `connectome.runs: concatenate`."
  return Effect.fail(new InvalidConnectome({ file: path, problem, remedy }))
}

/**
 * Opens a connectome for as long as the Scope lives.
 *
 * Errors: `InvalidConnectome`, `InvalidNifti` where it cannot be used, or has too few or too many subjects; those of the choice of subjects;
 * `UnknownSpace`, `ContradictorySpace`.
 */
export const openConnectome = Effect.fn("openConnectome")(function* (location: ConnectomeLocation) {
  const { path } = location
  yield* refusePatternWithoutMask(location, "connectome")
  const { open } = yield* sourceOf(location)
  const connectome = yield* open(location)
  if (location.runs === "average") yield* refuseJoinedRuns(connectome)
  if (connectome.kind !== "store") yield* refuseSameFiles(connectome.files)
  if (location.space !== undefined && connectome.space !== undefined && location.space !== connectome.space) {
    return yield* new ContradictorySpace({ path, configured: location.space, stored: connectome.space })
  }
  const space = location.space ?? connectome.space
  if (space === undefined) return yield* new UnknownSpace({ path })
  if (connectome.subjects.length < fewestSubjects) {
    const { subjects, chosen } = connectome
    return yield* new InvalidConnectome({
      file: path,
      problem:
        chosen === undefined
          ? `it has ${subjects.length} subject(s)`
          : `connectome.subjects chooses ${subjects.length} of its ${chosen.from} subjects`,
      remedy: `A statistic over subjects needs at least ${fewestSubjects}.`
    })
  }
  if (connectome.subjects.length > mostSubjects) {
    return yield* new InvalidConnectome({
      file: path,
      problem: `it has ${connectome.subjects.length} subjects`,
      remedy: `Sums over subjects are exact for up to ${mostSubjects}. Leave some out.`
    })
  }
  return { ...connectome, space }
})
