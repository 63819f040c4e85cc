/** How much a disk has free, before anything is written to it, and whether two places are on one. */
import { stat, statfs } from "node:fs/promises"
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

/** Whether two paths are or will be on one disk: asks the nearest folders above them that are there. */
export const sameDisk = (one: string, other: string): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    const deviceOf = async (place: string): Promise<number | undefined> => {
      const found = await stat(place).catch(() => undefined)
      if (found !== undefined) return found.dev
      const parent = path.dirname(place)
      return parent === place ? undefined : await deviceOf(parent)
    }
    const device = await deviceOf(one)
    return device !== undefined && device === (await deviceOf(other))
  })
