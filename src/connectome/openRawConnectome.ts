/** Opens the scans that a store is made from, whatever they are: a NIfTI source has a mask, an HDF5 source holds its own. */
import { Effect } from "effect"
import type { InvalidNifti } from "../imaging/InvalidNifti.ts"
import type { InvalidConnectome } from "./Connectome.ts"
import { openRawHdf5 } from "./hdf5/rawHdf5.ts"
import { refusePatternWithoutMask } from "./nifti/niftiScans.ts"
import { openRawNifti } from "./nifti/rawNifti.ts"
import type { RawConnectome, RawLocation } from "./RawConnectome.ts"
import { refuseSameFiles } from "./sameFiles.ts"

/**
 * Looks at every header of a source.
 *
 * Errors: `InvalidConnectome`, `InvalidNifti` where there is nothing to be used at all: no file, no mask. What is wrong with
 * one subject is in `bad`.
 */
export const openRawConnectome = Effect.fn("openRawConnectome")(function* (
  source: RawLocation,
  runs: "concatenate" | "separate"
): Effect.fn.Return<RawConnectome, InvalidConnectome | InvalidNifti> {
  const { path, pattern, mask } = source
  yield* refusePatternWithoutMask(source, "source")
  const raw = mask === undefined ? yield* openRawHdf5(path) : yield* openRawNifti({ path, pattern, mask, runs })
  yield* refuseSameFiles(raw.subjects.flatMap(({ files }) => files.map(({ file }) => file)))
  return raw
})
