/** What is kept of a contrast for a run that goes on after an interruption, known by all that decides its values. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { fusesMultiplyAdd } from "../../kernels/fusesMultiplyAdd.ts"
import { numericsVersion } from "../../kernels/numericPolicy.ts"
import { canonicalJson } from "../../output/canonicalJson.ts"
import { describeData } from "../../output/describeData.ts"
import { KeptPieces, nothingKept } from "../../output/KeptPieces.ts"
import { packageVersion } from "../../runtime/version.ts"
import { tileVoxels } from "./contrastSizes.ts"
import type { ContrastData } from "./contrastTile.ts"

/** @param content fingerprint of the maps; undefined: nothing is kept */
export const contrastPieces = Effect.fnUntraced(function* (contrast: ContrastData, content: string | undefined) {
  if (content === undefined) return nothingKept
  return yield* (yield* KeptPieces).of(contrastFingerprint(contrast, content))
})

/** A SHA-256 of all that decides the values of a contrast. @param content fingerprint of the maps */
export const contrastFingerprint = (contrast: ContrastData, content: string): string => {
  // A run may go on on another machine, whose last bits differ where it multiplies and adds otherwise.
  const fused = contrast.arithmetic === "fast" ? fusesMultiplyAdd() : null
  const decides = { contrast, content, tileVoxels, fused, numericsVersion, packageVersion }
  return createHash("sha256")
    .update(canonicalJson(describeData(decides)))
    .digest("hex")
}
