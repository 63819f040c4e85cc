/**
 * Keeps a run from overwriting files that are not its own, or from writing through links into other folders. Found before anything
 * is computed, from the paths that the run is going to write.
 */
import type { Dirent } from "node:fs"
import { lstat, readdir, realpath } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { isBelow } from "../files/writeInFolder.ts"
import { OutputNotWritable } from "./OutputFolder.ts"
import { describingFiles, findOwnFiles, type OwnFiles } from "./ownFiles.ts"

/** Files that a message names; more are counted. */
const mostNamed = 8

/** The output folder holds files that are not of this package, where the run would write its own. */
export class ForeignOutput extends Schema.TaggedError<ForeignOutput>()("ForeignOutput", {
  folder: Schema.String,
  /** Each with what it is, where it is no plain file. */
  files: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const rest = this.files.length - mostNamed
    const named = `${this.files.slice(0, mostNamed).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`
    return (
      `output.path: ${this.folder} holds what lnm did not write, or somebody has edited since, and the run would overwrite: ${named}. ` +
      "Give a folder of its own for the output, or move these away."
    )
  }
}

/** @param written paths relative to the folder, with `/`, that the run may write */
export const refuseForeignFiles = Effect.fn("refuseForeignFiles")(function* (
  folder: string,
  written: ReadonlyArray<string>
) {
  const foreign = yield* Effect.tryPromise({
    try: () => findForeign(folder, written),
    catch: (cause) => new OutputNotWritable({ folder, problem: reasonOf(cause, "reading") })
  })
  if (foreign.length > 0) return yield* new ForeignOutput({ folder, files: foreign })
})

const findForeign = async (folder: string, written: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const real = await realpath(folder).catch(unlessMissing)
  if (real === undefined) return []
  const own = await findOwnFiles(folder)
  const byFolder = Map.groupBy(written, (file) => path.posix.dirname(file))
  const found: Array<string> = []
  for (const [below, files] of byFolder) {
    found.push(
      ...(below === "." ? await foreignIn(folder, "", files, own) : await foreignBelow(folder, real, below, files, own))
    )
  }
  return [...new Set(found)]
}

/** Files of a folder below the output folder that a run may not replace, and what else is in the way there. */
const foreignBelow = async (
  folder: string,
  real: string,
  below: string,
  files: ReadonlyArray<string>,
  own: OwnFiles
): Promise<ReadonlyArray<string>> => {
  const there = await realpath(path.join(folder, below)).catch(unlessMissing)
  if (there === undefined) return await inTheWay(folder, below)
  if (!isBelow(there, real)) return [`${below} (leads out of the folder by a symbolic link)`]
  return await foreignIn(folder, below, files, own)
}

/** The files of a folder that the run would write, that are there, and that are not ours. */
const foreignIn = async (
  folder: string,
  below: string,
  files: ReadonlyArray<string>,
  own: OwnFiles
): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(unlessMissing)
  if (entries === undefined) return [`${below} (a file where a folder is to be)`]
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  return files.flatMap((file) => {
    const entry = byName.get(path.posix.basename(file))
    if (entry === undefined) return []
    if (!entry.isFile() && !entry.isSymbolicLink()) return [`${file} (${kindOf(entry)})`]
    const isOwn = isDescribing(file) ? own.isOwn(file) : own.dataset
    return isOwn ? [] : [file]
  })
}

const isDescribing = (file: string): file is (typeof describingFiles)[number] =>
  (describingFiles as ReadonlyArray<string>).includes(file)

const kindOf = (entry: Dirent): string => (entry.isDirectory() ? "a folder" : "no regular file")

/** What stands where a folder is to be made: a file, or a link that leads nowhere. */
const inTheWay = async (folder: string, below: string): Promise<ReadonlyArray<string>> => {
  const parts = below.split("/")
  for (let depth = 1; depth <= parts.length; depth++) {
    const above = parts.slice(0, depth).join("/")
    const found = await lstat(path.join(folder, above)).catch(unlessMissing)
    if (found === undefined) return []
    if (found.isSymbolicLink()) return [`${above} (a symbolic link that leads nowhere)`]
    if (!found.isDirectory()) return [`${above} (a file where a folder is to be)`]
  }
  return []
}
