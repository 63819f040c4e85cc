/**
 * Whether files are still what they were when they were opened. A connectome is read for minutes or hours, some of it several
 * times; where a file changes meanwhile, maps mix two versions of it and no checksum says of which they were made.
 *
 * A file is told from a later version of itself by size, inode and time of change, which the system sets and no program can set
 * back. No file is read here.
 */
import { stat } from "node:fs/promises"
import { Effect, Schema } from "effect"
import { reasonOf } from "./reasonOf.ts"

/** A file as it was at some moment: plain data that can be sent to a worker. */
export interface FileIdentity {
  readonly file: string
  readonly size: string
  readonly inode: string
  readonly changed: string
}

/** A file has changed, or is gone, since it was opened. */
export class InputChanged extends Schema.TaggedError<InputChanged>()("InputChanged", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return (
      `${this.file}: ${this.problem} while it was read, so that the results would be of neither version. ` +
      "Run again when nothing writes to it."
    )
  }
}

/** Files looked at a time: enough to hide the latency of a network disk. */
const filesAtATime = 16

const identityOf = (file: string): Effect.Effect<FileIdentity, InputChanged> =>
  Effect.tryPromise({
    try: () =>
      stat(file, { bigint: true }).then(({ size, ino, ctimeNs }) => ({
        file,
        size: `${size}`,
        inode: `${ino}`,
        changed: `${ctimeNs}`
      })),
    catch: (cause) => new InputChanged({ file, problem: `it can no longer be found (${reasonOf(cause, "reading")})` })
  })

/** The identities of files as they are now. Fails with `InputChanged` where one is gone. */
export const identify = (files: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<FileIdentity>, InputChanged> =>
  Effect.forEach(files, identityOf, { concurrency: filesAtATime })

/** How a file differs from what it was before; undefined where it is the same. */
const difference = (before: FileIdentity, now: FileIdentity): string | undefined => {
  if (now.size !== before.size) return `its size has changed from ${before.size} to ${now.size} bytes`
  if (now.inode !== before.inode) return "it was replaced by another file"
  return now.changed === before.changed ? undefined : "it has changed"
}

/** Fails with `InputChanged` where a file is not what it was. */
export const checkUnchanged = (before: ReadonlyArray<FileIdentity>): Effect.Effect<void, InputChanged> =>
  Effect.forEach(
    before,
    (identity) =>
      Effect.flatMap(identityOf(identity.file), (now) => {
        const problem = difference(identity, now)
        return problem === undefined ? Effect.void : Effect.fail(new InputChanged({ file: identity.file, problem }))
      }),
    { concurrency: filesAtATime, discard: true }
  )
