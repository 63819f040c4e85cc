/**
 * What is known of an output folder before a run: the maps that are finished and of which study they are, from the manifest of the last
 * run that ended and from the journal of one that did not. Reads these two files and writes nothing.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Effect, Option, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { sameOnDisk } from "../lesions/lesionNames.ts"
import { packageName } from "../runtime/version.ts"
import type { Warning } from "../runtime/Warnings.ts"
import type { FileRecord } from "./FileRecord.ts"
import { type LesionRecord, unlistLesion } from "./LesionRecord.ts"
import { decodeManifest, type Manifest, manifestName, mostManifestBytes } from "./Manifest.ts"
import type { MapsDescription } from "./mapsDescription.ts"
import { OutputUnreadable } from "./refusedMaps.ts"
import { journalName } from "./runFolder.ts"
import { parseJournal, type RunJournal } from "./runJournal.ts"

/** A lesion that a run began and did not finish, with the files that may be there of it. */
export interface UnfinishedLesion {
  readonly maps: string
  readonly files: ReadonlyArray<string>
}

export interface FolderState {
  /** Undefined: no manifest or journal says of which study the maps are. */
  readonly maps: MapsDescription | undefined
  readonly finished: ReadonlyArray<LesionRecord>
  readonly unfinished: ReadonlyArray<UnfinishedLesion>
  /** Files of the package that are of no lesion; where `maps` is not known, all that are listed. */
  readonly others: ReadonlyArray<string>
  /** Those of them that the last run has finished; of one that did not end, those that its journal has. */
  readonly tables: ReadonlyArray<FileRecord>
  /** Warnings of the runs before. */
  readonly warnings: ReadonlyArray<Warning>
  /** Changes with what is known: another run has ended meanwhile where it is not the same. */
  readonly stamp: string
}

/**
 * Reads what is known of a folder. What is not there, or cannot be understood, is not known.
 *
 * Errors: `OutputUnreadable` where the system does not let it be read.
 */
export const readFolderState = (folder: string): Effect.Effect<FolderState, OutputUnreadable> =>
  folderStateBy((file) => textOf(folder, file))

/** @param textOf gives the text of a file of the folder; undefined where it has none */
export const folderStateBy = Effect.fn("folderStateBy")(function* <E>(
  textOf: (relativePath: string) => Effect.Effect<string | undefined, E>
) {
  const [journal, manifest] = yield* Effect.all([textOf(journalName), textOf(manifestName)])
  const stamp = createHash("sha256")
    .update(JSON.stringify([journal, manifest]))
    .digest("hex")
  return stateOf(
    journal === undefined ? undefined : parseJournal(journal),
    manifest === undefined ? undefined : ownManifest(manifest),
    stamp
  )
})

/** Text of a regular file of a folder that a run has written; undefined where there is none, or none of that kind. */
export const textOf = (folder: string, file: string): Effect.Effect<string | undefined, OutputUnreadable> =>
  Effect.tryPromise({
    try: () => readRegularFile(path.join(folder, file), mostManifestBytes).then(String),
    catch: (cause) => cause
  }).pipe(
    Effect.catch((cause) =>
      isRefusal(cause) ? Effect.fail(new OutputUnreadable({ folder, file, cause })) : Effect.succeed(undefined)
    )
  )

/** Whether the system says no, and not that there is nothing; what has no code of its, as that it is a folder, is ours. */
const isRefusal = (cause: unknown): boolean => !isMissing(cause) && (cause as NodeJS.ErrnoException).code !== undefined

const parseJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

const ownManifest = (text: string): Manifest | undefined =>
  Option.flatMap(parseJson(text), decodeManifest).pipe(
    Option.filter(({ software }) => software.name === packageName),
    Option.getOrUndefined
  )

/** A journal is of a later run than a manifest, and has taken over from it what stays. */
const stateOf = (journal: RunJournal | undefined, manifest: Manifest | undefined, stamp: string): FolderState => {
  if (journal !== undefined) return { ...stateOfJournal(journal), stamp }
  const outputs = manifest?.outputs ?? []
  const { study, lesions = [], warnings = [] } = manifest ?? {}
  const byPath = new Map(outputs.map((output) => [output.path, output]))
  const finished = lesions.flatMap((lesion) => unlistLesion(lesion, byPath) ?? [])
  const ofLesions = new Set(finished.flatMap(({ files }) => files.map((file) => file.path)))
  const tables = outputs.filter((output) => !ofLesions.has(output.path))
  const others = tables.map((table) => table.path)
  return { maps: study, finished, unfinished: [], others, tables, warnings, stamp }
}

const stateOfJournal = ({ start, tables, finished }: RunJournal) => {
  const byMaps = new Map(finished.map((record) => [sameOnDisk(record.maps), record]))
  return {
    maps: start.maps,
    finished: [...byMaps.values()],
    unfinished: start.begun.filter(({ maps }) => !byMaps.has(sameOnDisk(maps))),
    others: start.others,
    tables,
    warnings: start.warnings
  }
}

/** Every file in the folder that is known to be the package's, relative to it. The manifest and the journal are not among them. */
export const knownFiles = ({ finished, unfinished, others }: FolderState): ReadonlyArray<string> => [
  ...new Set([
    ...others,
    ...finished.flatMap(({ files }) => files.map((file) => file.path)),
    ...unfinished.flatMap(({ files }) => files)
  ])
]
