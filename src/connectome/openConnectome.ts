/**
 * Opens a connectome, whatever it is made of: HDF5 where the path names one or a folder of them, a store that was
 * made of either, 4D NIfTI where a brain mask is given beside it. Nothing is computed and no time series is read.
 */
import { Effect, Schema } from "effect"
import { fewestSubjects, mostSubjects } from "../kernels/numericPolicy.ts"
import { InvalidConnectome } from "./Connectome.ts"
import { openHdf5Connectome } from "./hdf5/Hdf5Connectome.ts"
import { openNiftiConnectome } from "./nifti/NiftiConnectome.ts"
import { isStore, openStoreConnectome } from "./store/StoreConnectome.ts"

export interface ConnectomeLocation {
  readonly path: string
  readonly space?: string
  readonly pattern?: string
  /** NIfTI only: the 3D brain mask. */
  readonly mask?: string
}

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

export const openConnectome = Effect.fn("openConnectome")(function* (location: ConnectomeLocation) {
  const { path, pattern, mask } = location
  const connectome =
    mask === undefined
      ? isStore(path)
        ? yield* openStoreConnectome(path)
        : yield* openHdf5Connectome(path)
      : yield* openNiftiConnectome({ path, mask, ...(pattern === undefined ? {} : { pattern }) })
  if (location.space !== undefined && connectome.space !== undefined && location.space !== connectome.space) {
    return yield* new ContradictorySpace({ path, configured: location.space, stored: connectome.space })
  }
  const space = location.space ?? connectome.space
  if (space === undefined) return yield* new UnknownSpace({ path })
  if (connectome.subjects.length < fewestSubjects) {
    return yield* new InvalidConnectome({
      file: path,
      problem: `it has ${connectome.subjects.length} subject(s)`,
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
