/**
 * Opens a connectome, whatever it is made of: HDF5 where the path names one or a folder of them, a store that was
 * made of either, 4D NIfTI where a brain mask is given beside it. Nothing is computed and no time series is read.
 */
import { Effect, Schema } from "effect"
import { fewestSubjects, mostSubjects } from "../kernels/numericPolicy.ts"
import { InvalidConnectome } from "./Connectome.ts"
import { openHdf5Connectome } from "./hdf5/Hdf5Connectome.ts"
import { openNiftiConnectome } from "./nifti/NiftiConnectome.ts"
import { refusePatternWithoutMask } from "./nifti/niftiScans.ts"
import type { RunsOption } from "./nifti/scanGroups.ts"
import { refuseSameFiles } from "./sameFiles.ts"
import { isStore, openStoreConnectome } from "./store/StoreConnectome.ts"

/** Where a connectome lies, and how it is to be read. */
export interface ConnectomeLocation {
  readonly path: string
  readonly space?: string
  readonly pattern?: string
  /** NIfTI only: the 3D brain mask. */
  readonly mask?: string
  /** NIfTI only: several scans of one person are joined to one subject (default), or are one each. */
  readonly runs?: RunsOption
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

/** Subjects without data that a message names; more are counted. */
const mostNamed = 8

/** An HDF5 connectome of which every subject has data, as far as the files' structures tell. */
const openWrittenHdf5 = Effect.fnUntraced(function* (path: string) {
  const connectome = yield* openHdf5Connectome(path)
  const { unwritten, incomplete } = connectome
  const missing = unwritten.length > 0 ? unwritten : incomplete
  if (missing.length === 0) return connectome
  const rest = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : ""
  const named = missing.slice(0, mostNamed).map(({ id }) => id)
  const state =
    missing === unwritten
      ? "are empty, of which no time series has been written"
      : "are incomplete, of which only a part of the time series has been written"
  return yield* new InvalidConnectome({
    file: missing[0]!.file,
    problem: `${missing.length} subject(s) ${state}: ${named.join(", ")}${rest}`,
    remedy: "Write them, or copy the file without them."
  })
})

/**
 * Opens a connectome for as long as the Scope lives.
 *
 * Errors: `InvalidConnectome`, `InvalidNifti` where it cannot be used, or has too few or too many subjects;
 * `UnknownSpace`, `ContradictorySpace`.
 */
export const openConnectome = Effect.fn("openConnectome")(function* (location: ConnectomeLocation) {
  const { path, pattern, mask, runs } = location
  yield* refusePatternWithoutMask(location, "connectome")
  const connectome =
    mask === undefined
      ? isStore(path)
        ? yield* openStoreConnectome(path)
        : yield* openWrittenHdf5(path)
      : yield* openNiftiConnectome({ path, mask, pattern, runs })
  if (connectome.kind !== "store") yield* refuseSameFiles(connectome.files)
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
