/** How much a disk has free, before anything is written to it. */
import { statfs } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"

/** Bytes free for this user where a path is or will be: asks the nearest folder above it that is there. Undefined where nothing says it. */
export const freeDiskBytes = Effect.fnUntraced(function* (place: string) {
  let folder = place
  for (;;) {
    const found = yield* Effect.promise(() => statfs(folder).catch(() => undefined))
    // File systems without blocks, such as /sys, say nothing of what is free.
    if (found !== undefined) return found.blocks === 0 ? undefined : found.bavail * found.bsize
    const parent = path.dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
})
