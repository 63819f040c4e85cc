/**
 * Finds the NIfTI files of a folder that match a pattern, in an order that is the same everywhere.
 *
 * Used by the search for lesions and for the files of a NIfTI connectome. Order matters: sums run over subjects in it. Links to
 * folders are followed. Hidden files and folders are passed over, among them the `._*.nii.gz` that macOS leaves on other file
 * systems. What cannot be read is never passed over: a folder is an error; a file is listed, and its reader reports it.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { isNiftiName, makeFilePattern } from "../FilePattern.ts"
import { type Search, type SearchProblem, type Walk, type WalkedFile, walkFolder } from "../walkFolder.ts"

/** Problems named in a message; more are counted. */
const mostNamed = 8

/** Parts of a folder cannot be searched. */
export class SearchFailed extends Schema.TaggedError<SearchFailed>()("SearchFailed", {
  folder: Schema.String,
  problems: Schema.Array(Schema.Struct({ file: Schema.String, problem: Schema.String }))
}) {
  override get message(): string {
    const named = this.problems.slice(0, mostNamed).map(({ file, problem }) => `${file} ${problem}`)
    const rest = this.problems.length - named.length
    return [...named, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ")
  }
}

/** Image files of formats that are not read. A pair's `.img` stands for both its files. */
const otherFormats =
  /\.(img(\.gz)?|voi|mg[hz]|nrrd|nhdr|mha|mhd|mnc|nia|mif(\.gz)?|brik(\.gz)?|dcm|ima|nii\.(zip|bz2|xz|zst))$/i

export interface FoundFiles {
  readonly nifti: ReadonlyArray<WalkedFile>
  /** Image files of other formats that would match under a NIfTI name, without those that were converted to one beside them. */
  readonly others: ReadonlyArray<string>
}

/** The name that an image of another format would have as NIfTI. */
const asNifti = (relative: string): string => relative.replace(otherFormats, ".nii.gz")

const searchFor = (pattern: string): Search => {
  const { matches, reaches } = makeFilePattern(pattern)
  return {
    reaches,
    wants: (relative) => {
      if (isNiftiName(relative)) return matches(relative) ? "file" : undefined
      return otherFormats.test(relative) && matches(asNifti(relative)) ? "note" : undefined
    }
  }
}

const sortOut = ({ files }: Walk): FoundFiles => {
  const nifti = files.filter(({ relative }) => isNiftiName(relative))
  const withoutExtension = (relative: string) => relative.replace(/\.nii(\.gz)?$/i, "")
  const converted = new Set(nifti.map(({ relative }) => withoutExtension(relative)))
  const others = files.filter(
    ({ relative, marked }) => !marked && !isNiftiName(relative) && !converted.has(withoutExtension(asNifti(relative)))
  )
  return { nifti, others: others.map(({ path }) => path) }
}

/**
 * Finds the files of a folder whose paths in it match a glob pattern.
 *
 * Errors: `SearchFailed`, or the system's error where the folder itself cannot be read.
 */
export const searchFolder = (
  folder: string,
  pattern: string,
  mark?: Search["mark"]
): Effect.Effect<FoundFiles, unknown> =>
  Effect.tryPromise({
    try: () => walkFolder(folder, { ...searchFor(pattern), ...(mark === undefined ? {} : { mark }) }),
    catch: (cause) => cause
  }).pipe(
    Effect.flatMap((walk) =>
      walk.problems.length === 0
        ? Effect.succeed(sortOut(walk))
        : Effect.fail(new SearchFailed({ folder, problems: walk.problems as Array<SearchProblem> }))
    )
  )

/**
 * Lists the `.nii` and `.nii.gz` files below a folder that match a glob pattern, as absolute paths in order.
 *
 * Fails with the cause where the folder, or a part of it that may hold such a file, cannot be read.
 */
export const findNiftiFiles = <E>(
  folder: string,
  pattern: string,
  onFailure: (cause: unknown) => E
): Effect.Effect<ReadonlyArray<string>, E> =>
  searchFolder(folder, pattern).pipe(
    Effect.map(({ nifti }) => nifti.map(({ path }) => path)),
    Effect.mapError(onFailure)
  )

/** Some file names as one clause of a message; more than a few are counted. */
export const listNames = (files: ReadonlyArray<string>): string => {
  const rest = files.length - mostNamed
  const named = files.slice(0, mostNamed).map((file) => basename(file))
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ")
}
