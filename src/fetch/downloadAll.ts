/** Downloads files side by side. One that fails keeps no other from being downloaded; all failures are told at the end. */
import { Effect, Result, Schema } from "effect"
import type { DownloadOptions } from "./downloadFile.ts"
import { downloadInto } from "./downloadInto.ts"
import type { FetchRecord } from "./FetchRecord.ts"
import type { RemoteFile } from "./RemoteFile.ts"

/** Some files could not be downloaded. */
export class FilesMissing extends Schema.TaggedError<FilesMissing>()("FilesMissing", {
  folder: Schema.String,
  whole: Schema.Int,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const told = this.problems.slice(0, mostTold).join("\n  ")
    const rest = this.problems.length - mostTold
    return `${this.folder}: ${this.problems.length} file(s) are not there, ${this.whole} are:\n  ${told}${rest > 0 ? `\n  and ${rest} more` : ""}`
  }
}

const mostTold = 10

export interface AllOptions extends Omit<DownloadOptions, "onBytes"> {
  readonly atOnce: number
  /** Called with a file and how many of its bytes are there. */
  readonly onBytes?: (file: RemoteFile, bytes: number) => void
}

/** The options for one of several files. */
export const optionsFor = ({ atOnce: _, onBytes, ...others }: AllOptions, file: RemoteFile): DownloadOptions =>
  onBytes === undefined ? others : { ...others, onBytes: (bytes) => onBytes(file, bytes) }

/** Gives the paths of the files. Errors: `FilesMissing`; that of the file where there is only one. */
export const downloadAll = Effect.fn("downloadAll")(function* (
  files: ReadonlyArray<RemoteFile>,
  folder: string,
  record: FetchRecord,
  options: AllOptions
): Effect.fn.Return<ReadonlyArray<string>, Error> {
  const results = yield* Effect.forEach(
    files,
    (file) => Effect.result(downloadInto(file, folder, record, optionsFor(options, file))),
    { concurrency: options.atOnce }
  )
  const failures = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
  const paths = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
  if (failures.length === 0) return paths
  if (files.length === 1) return yield* Effect.fail(failures[0]!)
  return yield* new FilesMissing({ folder, whole: paths.length, problems: failures.map(({ message }) => message) })
})
