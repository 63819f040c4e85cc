/** Holds a whole file against the server's list. */
import { Effect } from "effect"
import { warn } from "../runtime/Warnings.ts"
import { ChecksumMismatch, differences } from "./FetchFailure.ts"
import type { Digests } from "./PartFile.ts"
import type { RemoteFile } from "./RemoteFile.ts"

/**
 * Fails with `ChecksumMismatch` where size or MD5 are not as listed; with `accepts` it warns instead.
 *
 * @param kept where the file is
 */
export const checkAsListed = (
  { bytes, md5 }: RemoteFile,
  kept: string,
  found: Digests,
  accepts: boolean
): Effect.Effect<void, ChecksumMismatch> => {
  if ((bytes ?? found.bytes) === found.bytes && (md5 ?? found.md5) === found.md5) return Effect.void
  const said = { listedBytes: bytes, foundBytes: found.bytes, listedMd5: md5, foundMd5: found.md5 }
  if (!accepts) return Effect.fail(new ChecksumMismatch({ file: kept, ...said }))
  return warn({
    file: kept,
    found: `it is not as the server lists it: ${differences(said)}`,
    taken: "It was taken as it is, since --accept-mismatch was given"
  })
}
