/** Puts a file into a folder unless another process, on any machine, has put one there meanwhile. */
import { link, rm } from "node:fs/promises"
import { Effect } from "effect"
import { FileNotWritten, writeWhole } from "../files/writeWhole.ts"

/** Errors: `FileNotWritten`. That a file is there already is none. */
export const placeOnce = (file: string, text: string): Effect.Effect<void, FileNotWritten> => {
  const own = `${file}.${process.pid}.${Date.now()}`
  // A link fails where the name is taken, on network disks too.
  const linked = Effect.tryPromise({
    try: () => link(own, file).finally(() => rm(own, { force: true })),
    catch: (cause) => cause as NodeJS.ErrnoException
  }).pipe(
    Effect.catchIf(
      ({ code }) => code === "EEXIST",
      () => Effect.void
    ),
    Effect.mapError((cause) => new FileNotWritten({ file, cause }))
  )
  return Effect.andThen(writeWhole(own, text), linked)
}
