/**
 * `lnm.lock.json`: what a finished run was made of and what came out, for a later run to be held to. It has the config without the keys
 * that change no value, and hashes of the content of every input, map and table; paths in it are relative to itself. No path of a machine,
 * time or host is in it: two locks of the same run differ in nothing.
 */
import path from "node:path"
import { Effect, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import { packageVersion } from "../runtime/version.ts"
import { FileRecord } from "./FileRecord.ts"

export const lockName = "lnm.lock.json"

export const lockVersion = 1

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Size and SHA-256 of a content: of a gzip file inflated. */
const LockedFile = Schema.Struct({
  ...FileRecord.fields,
  bytes: Count,
  sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
})

export const LockedRun = Schema.Struct({
  lock_version: Schema.Literal(lockVersion),
  software: Schema.Struct({
    name: Schema.String,
    version: Schema.String,
    /** Version of the arithmetic: runs of different ones may differ in any value. */
    numerics: Schema.Int
  }),
  arithmetic: Schema.Literals(["strict", "float64"]),
  config: Schema.Record(Schema.String, Schema.Unknown),
  /** Relative to the lock; of a store all of its chunk files together, by the store's folder. */
  inputs: Schema.Array(LockedFile),
  /** Maps and tables, relative to the output folder. */
  outputs: Schema.Array(LockedFile).check(Schema.isMinLength(1))
})

export type LockedRun = typeof LockedRun.Type

/** As much as a manifest may have. */
const mostLockBytes = 256 * 2 ** 20

/** There is no lock file, or it cannot be understood. */
export class NoLock extends Schema.TaggedError<NoLock>()("NoLock", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. \`lnm lock OUTPUT --to ${this.file}\` writes it from a finished run.`
  }
}

/** A message about a damaged lock, which may quote of it what it likes. */
const onOneLine = (message: string): string => printableExcerpt(message.replaceAll(/\s+/g, " "))

/** Reads a lock file. Errors: `NoLock`. */
export const readLockedRun = Effect.fn("readLockedRun")(function* (file: string) {
  const fail = (problem: string) => new NoLock({ file, problem })
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(file, mostLockBytes),
    catch: (cause) =>
      isMissing(cause)
        ? fail("there is no such lock file")
        : fail(`the lock file cannot be read: ${reasonOf(cause, "reading")}`)
  })
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(bytes.toString()),
    catch: (cause) => fail(`it is no lock file: ${onOneLine((cause as Error).message)}`)
  })
  const version = typeof json === "object" && json !== null && "lock_version" in json ? json.lock_version : undefined
  if (typeof version === "number" && version > lockVersion) {
    return yield* fail(`it is of version ${version}, and this lnm (${packageVersion}) knows version ${lockVersion}`)
  }
  return yield* Schema.decodeUnknownEffect(LockedRun)(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError(({ message }) => fail(`it is no lock file: ${onOneLine(message)}`))
  )
})

/** The text of a lock file, a line for each file, so that a change of one is a change of one line. */
export const formatLockedRun = ({ inputs, outputs, ...beginning }: LockedRun): string => {
  const head = JSON.stringify(beginning, null, 2).replace(/\n\}$/, "")
  return `${head},\n  "inputs": ${linesOf(inputs)},\n  "outputs": ${linesOf(outputs)}\n}\n`
}

const linesOf = (files: ReadonlyArray<FileRecord>): string =>
  files.length === 0 ? "[]" : `[\n${files.map((file) => `    ${JSON.stringify(file)}`).join(",\n")}\n  ]`

/** A path as a lock has it: relative to the lock's folder, with `/`. */
export const pathInLock = (folder: string, location: string): string =>
  path.relative(folder, location).split(path.sep).join("/") || "."

/**
 * Whether an output is locked: maps and tables hold values; sidecars say where they come from. What is made of the maps of all lesions for the
 * report, the overlap, follows from maps that are locked, and is there only with a report.
 */
export const isLocked = (output: string): boolean =>
  /\.(nii\.gz|tsv)$/.test(output) && !/_desc-overlap_stat-[^/]*$/.test(output)

/** What messages call files of one kind. */
type Noun = "input" | "output"

/** In what files differ from those of a lock, a clause each. */
export const fileDifferences = (
  noun: Noun,
  locked: ReadonlyArray<FileRecord>,
  found: ReadonlyArray<FileRecord>
): ReadonlyArray<string> => {
  const now = new Map(found.map((file) => [file.path, file]))
  const before = new Set(locked.map((file) => file.path))
  return [
    ...locked.flatMap((file) => {
      const other = now.get(file.path)
      if (other === undefined) return [`${noun} ${file.path} is missing`]
      if (other.bytes !== file.bytes)
        return [`${noun} ${file.path} has ${other.bytes} bytes of content, not ${file.bytes}`]
      return other.sha256 === file.sha256 ? [] : [`${noun} ${file.path} has another content`]
    }),
    ...found.filter((file) => !before.has(file.path)).map((file) => `${noun} ${file.path} is not in the lock`)
  ]
}
