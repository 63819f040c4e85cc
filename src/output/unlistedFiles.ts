/**
 * The files of an output folder that its manifest does not list. Those that look like a run's were left by an earlier or an unfinished
 * one: whoever collects the maps of the folder would take them for results. What else lies there is the user's own.
 */
import { readdir } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { isAside } from "../files/partialFiles.ts"
import { reasonOf } from "../files/reasonOf.ts"
import type { FileRecord } from "./FileRecord.ts"
import { manifestName } from "./Manifest.ts"

/** A folder among the outputs could not be listed. */
export class FolderUnreadable extends Schema.TaggedError<FolderUnreadable>()("FolderUnreadable", {
  folder: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.folder} cannot be listed: ${reasonOf(this.cause, "reading")}. Mend that, and verify again.`
  }
}

export interface UnlistedFiles {
  /** Files of the kind that runs write. */
  readonly leftOver: ReadonlyArray<string>
  readonly other: ReadonlyArray<string>
}

/** Names that only a run of ours gives to maps, masks and tables. */
const nameOfResult =
  /_desc-[A-Za-z0-9]+_stat-[A-Za-z0-9]+_(statmap|mask|parcels)\.|_desc-[A-Za-z0-9]+seed_(mask|probseg)\.|_desc-[A-Za-z0-9]+_parcels\.|^desc-[A-Za-z0-9]+_stat-[rz]_relmat\./

/** The same, and what a file is called until it is whole. */
const isOfRun = (name: string): boolean => isAside(name) || nameOfResult.test(name)

/** What operating systems and file servers leave in any folder. */
const ofTheSystem = /^(\._.*|Thumbs\.db|ehthumbs\.db|desktop\.ini|@eaDir|\$RECYCLE\.BIN|Icon\r)$/i

export const unlistedFiles = Effect.fn("unlistedFiles")(function* (folder: string, outputs: ReadonlyArray<FileRecord>) {
  // Some file systems take names apart into letters and accents.
  const listed = new Set([manifestName, ...outputs.map((output) => output.path.normalize("NFC"))])
  const unlisted = (yield* filesBelow(folder, "")).filter((file) => !listed.has(file.normalize("NFC"))).sort()
  const ofRun = (file: string) => isOfRun(path.posix.basename(file))
  const found: UnlistedFiles = { leftOver: unlisted.filter(ofRun), other: unlisted.filter((file) => !ofRun(file)) }
  return found
})

/** Links are not followed. A folder with a manifest of its own is another run's output. */
const filesBelow = (folder: string, below: string): Effect.Effect<ReadonlyArray<string>, FolderUnreadable> =>
  Effect.gen(function* () {
    const entries = yield* Effect.tryPromise({
      try: () => readdir(path.join(folder, below), { withFileTypes: true }),
      catch: (cause) => new FolderUnreadable({ folder: path.join(folder, below), cause })
    })
    if (below !== "" && entries.some(({ name }) => name === manifestName)) return []
    const wanted = entries.filter(({ name }) => !ofTheSystem.test(name) && !isHidden(name))
    const found = yield* Effect.forEach(wanted, (entry) => {
      const file = below === "" ? entry.name : `${below}/${entry.name}`
      return entry.isDirectory() ? filesBelow(folder, file) : Effect.succeed([file])
    })
    return found.flat()
  })

/** Hidden files are the system's or a program's; but for the unfinished files of a run, and what a run writes itself. */
const isHidden = (name: string): boolean => name.startsWith(".") && !isOfRun(name)
