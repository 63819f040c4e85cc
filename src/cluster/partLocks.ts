/** Locks of a run's parts: each part has one of its own, the merge one of all, and each sees the others, whichever machine they are on. */
import path from "node:path"
import { Effect } from "effect"
import { heldBeside, lockPath } from "../files/lockPath.ts"
import { lockedName } from "../output/runFolder.ts"
import { PartBusy } from "./PartsRefused.ts"
import { partLock, partsFolder } from "./partsFolder.ts"

/** Locks a part until the Scope closes. Errors: `PartBusy` where it is computed, or its folder is written, elsewhere. */
export const lockPart = Effect.fn("lockPart")(function* (output: string, number: number) {
  const lock = yield* Effect.catchTag(
    lockPath(partLock(output, number), "computes"),
    "PathLocked",
    ({ host, pid }) => new PartBusy({ what: `part ${number} is computed already`, host, pid })
  )
  const merging = yield* heldBeside(path.join(output, lockedName), lock)
  if (merging !== undefined) {
    return yield* new PartBusy({ what: `${output} is written`, host: merging.host, pid: merging.pid })
  }
})

/** Fails where one of so many parts is at work. The lock of the output folder is had. */
export const refuseWorkingParts = Effect.fn("refuseWorkingParts")(function* (output: string, parts: number) {
  // A lock from which those of the parts can be seen.
  const own = yield* Effect.catchTag(
    lockPath(path.join(partsFolder(output), "merge"), "merges"),
    "PathLocked",
    ({ host, pid }) => new PartBusy({ what: "the parts are merged already", host, pid })
  )
  for (let part = 1; part <= parts; part++) {
    const held = yield* heldBeside(partLock(output, part), own)
    if (held !== undefined) {
      return yield* new PartBusy({ what: `part ${part} is computed`, host: held.host, pid: held.pid })
    }
  }
})
