/** Opens the scans that a store is made from, whatever they are. */
import { Effect } from "effect"
import { refusePatternWithoutMask } from "./nifti/niftiScans.ts"
import type { RawLocation } from "./RawConnectome.ts"
import type { RunsOption } from "./Source.ts"
import { refuseSameFiles } from "./sameFiles.ts"
import { rawSourceOf } from "./sourceOf.ts"

/**
 * Looks at every header of a source.
 *
 * Errors: `InvalidConnectome`, `InvalidNifti` where there is nothing to be used at all: no file, no mask. What is wrong with
 * one subject is in `bad`.
 */
export const openRawConnectome = Effect.fn("openRawConnectome")(function* (location: RawLocation, runs: RunsOption) {
  yield* refusePatternWithoutMask(location, "source")
  const { open } = yield* rawSourceOf(location)
  const raw = yield* open(location, runs)
  yield* refuseSameFiles(raw.subjects.flatMap(({ files }) => files.map(({ file }) => file)))
  return raw
})
