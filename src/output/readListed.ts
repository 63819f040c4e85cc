/**
 * Reads a file of an output folder as its run wrote it: one that the manifest lists, that lies in the folder, and whose content still has
 * the SHA-256 that the manifest says. For whoever shows maps to a person.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Effect, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { pathProblem } from "../files/writeInFolder.ts"
import { findListed } from "./compareWithManifest.ts"
import type { FileRecord } from "./FileRecord.ts"

/** A file of an output folder is gone, or is not what its run wrote. */
export class ListedFileChanged extends Schema.TaggedError<ListedFileChanged>()("ListedFileChanged", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Run the config again to restore it.`
  }
}

export interface ListedFile {
  /** Its real path. */
  readonly file: string
  readonly content: Uint8Array
}

/** Memory: the file. */
export const readListed = Effect.fn("readListed")(function* (
  folder: string,
  { path: listed, bytes, sha256 }: FileRecord
) {
  const changed = (problem: string) => new ListedFileChanged({ file: path.join(folder, listed), problem })
  const outside = pathProblem(listed)
  if (outside !== undefined) return yield* changed(`not read, since ${outside}`)
  const attempt = <A>(read: () => Promise<A>) =>
    Effect.tryPromise({ try: read, catch: (cause) => changed(reasonOf(cause, "reading")) })
  const found = yield* attempt(() => findListed(folder, listed))
  if (typeof found === "string") return yield* changed(found)
  if (found.size !== bytes) return yield* changed(`${found.size} bytes instead of ${bytes}`)
  const content = yield* attempt(() => readRegularFile(found.file, bytes))
  if (createHash("sha256").update(content).digest("hex") !== sha256) return yield* changed("its content has changed")
  return { file: found.file, content } satisfies ListedFile
})
