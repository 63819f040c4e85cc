/**
 * Finds the lesion files of a run: one file, a folder of them, or a BIDS dataset.
 *
 * The start of every pipeline. In a BIDS dataset, where images lie beside masks, `_mask` and `_roi` files are taken; in a plain
 * folder every NIfTI file is. Without a pattern of the user's, what is no lesion by its name is left out and said. What this
 * package has written is never taken. Only paths are found here; whether a file is a lesion is told when it is loaded.
 */
import { realpath, stat } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { Effect, Schema } from "effect"
import { readingReason } from "../files/readingReason.ts"
import { isMissing, isThere, unlessMissing } from "../files/unlessMissing.ts"
import { specialKind } from "../imaging/fileKind.ts"
import { type FoundFiles, listNames, SearchFailed, searchFolder } from "../imaging/nifti/findNiftiFiles.ts"
import { warnAll } from "../runtime/Warnings.ts"
import { splitByName } from "./lesionByName.ts"
import { personOf } from "./lesionNames.ts"
import { datasetDescriptionName, isOwnDataset, isOwnName, ownOutputsIn } from "./ownOutputs.ts"

/** There is nothing to map: the path does not exist, or holds no lesion. */
export class LesionsNotFound extends Schema.TaggedError<LesionsNotFound>()("LesionsNotFound", {
  path: Schema.String,
  pattern: Schema.optionalKey(Schema.String),
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}. ${this.remedy}.`
  }
}

/** Patterns where none is given. */
const defaultLesionPatterns = { dataset: "**/*_{mask,roi}.nii*", folder: "**/*.nii*" } as const

interface LesionSearch {
  /** A NIfTI file, a folder, or a BIDS dataset. */
  readonly path: string
  /** Glob pattern within a folder. Default: see `defaultLesionPatterns`. */
  readonly pattern?: string | undefined
  /** The folder that the maps will be written to; what lies in it is no lesion. */
  readonly output?: string | undefined
}

/** Looks at something on the way to the lesions; what the system throws becomes a failure that names it. */
const look = <A>(path: string, step: () => Promise<A>): Effect.Effect<A, LesionsNotFound> =>
  Effect.tryPromise({
    try: step,
    catch: (cause) =>
      new LesionsNotFound({
        path,
        problem: `it ${readingReason(cause)}`,
        remedy: "Check the permissions of this and of the folders above it, and the disk",
        cause
      })
  })

const isDataset = (folder: string): Effect.Effect<boolean, LesionsNotFound> => {
  const description = join(folder, datasetDescriptionName)
  return look(description, () => isThere(stat(description)))
}

const kindOf = Effect.fnUntraced(function* (path: string): Effect.fn.Return<"file" | "folder", LesionsNotFound> {
  const found = yield* Effect.tryPromise({
    try: () => stat(path),
    catch: (cause) => {
      const problem = isMissing(cause) ? "no such file or folder" : `it ${readingReason(cause)}`
      const remedy = "Check lesions.path; a relative path counts from the config file"
      return new LesionsNotFound({ path, problem, remedy, cause })
    }
  })
  const special = specialKind(found)
  if (special === undefined) return found.isDirectory() ? "folder" : "file"
  const remedy = "Give a NIfTI file, or a folder of them, as lesions.path"
  return yield* new LesionsNotFound({ path, problem: `it is ${special}, not a file`, remedy })
})

/** A path without links; as it is where there is nothing yet. */
const withoutLinks = (path: string): Effect.Effect<string, LesionsNotFound> =>
  Effect.map(
    look(path, () => realpath(path).catch(unlessMissing)),
    (real) => real ?? path
  )

/** An output folder as `lesions.path` would give the maps of maps, or maps among the lesions. */
const refuseOutputFolder = Effect.fnUntraced(function* (path: string, output: string | undefined) {
  if (yield* look(join(path, datasetDescriptionName), () => isOwnDataset(path))) {
    const problem = "this is an output folder of lnm: it holds maps, not lesions"
    return yield* new LesionsNotFound({ path, problem, remedy: "Give the folder of the lesion masks as lesions.path" })
  }
  if (output !== (yield* withoutLinks(path))) return
  const problem = "lesions.path and output.path are the same folder: the maps would lie among the lesions"
  return yield* new LesionsNotFound({ path, problem, remedy: "Give the maps a folder of their own as output.path" })
})

const search = (path: string, pattern: string, output: string | undefined) =>
  searchFolder(path, pattern, ownOutputsIn(output)).pipe(
    Effect.mapError((cause) => {
      const isPart = cause instanceof SearchFailed
      return new LesionsNotFound({
        path,
        pattern,
        problem: isPart ? `not all of it can be searched: ${cause.message}` : `it ${readingReason(cause)}`,
        remedy: isPart
          ? "Mend or remove these, or set lesions.pattern to what lies elsewhere"
          : "Check the folder's permissions",
        cause
      })
    })
  )

/** What lies in an output folder, and has a name that is not of this package, may be a lesion that was put there. */
const withoutOwnOutputs = Effect.fnUntraced(function* (nifti: FoundFiles["nifti"]) {
  const foreign = nifti.filter(({ relative }) => !isOwnName(basename(relative)))
  yield* warnAll(
    foreign
      .filter(({ marked }) => marked)
      .map(({ path }) => ({
        file: path,
        found: "it lies in an output folder of lnm",
        taken: "It was passed over; move it elsewhere if it is a lesion"
      }))
  )
  return foreign.filter(({ marked }) => !marked).map(({ path }) => path)
})

const warnOfOthers = (others: ReadonlyArray<string>) =>
  warnAll(
    others.map((file) => ({
      file,
      found: "it is no NIfTI file",
      taken: "It was passed over; convert it to .nii.gz if it is a lesion"
    }))
  )

/** The files that are lesions by their names, where the user has given no pattern. */
const lesionsByName = Effect.fnUntraced(function* (path: string, pattern: string, files: ReadonlyArray<string>) {
  const { taken, leftOut } = splitByName(files, basename, (file) => {
    const { subject, session } = personOf(file)
    return subject === undefined ? file : `${subject}/${session ?? ""}`
  })
  if (taken.length === 0 && leftOut.length > 0) {
    const problem = `by their names, the files in it are masks of the brain or of tissues, or images, not lesions: ${listNames(leftOut)}`
    return yield* new LesionsNotFound({
      path,
      pattern,
      problem,
      remedy: "Set lesions.pattern to take them all the same"
    })
  }
  yield* warnAll(
    leftOut.map((file) => ({
      file,
      found: "by its name it is no lesion mask, as others are",
      taken: "It was left out; set lesions.pattern to say yourself which files are lesions"
    }))
  )
  return taken
})

const nothingFound = (path: string, pattern: string, where: string, { nifti, others }: FoundFiles): LesionsNotFound => {
  const own = nifti.length > 0 ? `; the ${nifti.length} that do were written by lnm, or lie in its output folder` : ""
  const converted = `; there are images of other formats: ${listNames(others)}`
  const isOther = nifti.length === 0 && others.length > 0
  return new LesionsNotFound({
    path,
    pattern,
    problem: `no .nii or .nii.gz file in ${where} matches "${pattern}"${isOther ? converted : own}`,
    remedy: isOther
      ? "Convert these to .nii.gz, for instance with nib-convert, fslchfiletype, mri_convert or dcm2niix"
      : "Check lesions.path, or set lesions.pattern to what the files are called; it counts from lesions.path"
  })
}

/**
 * Lists the lesion files below a path, as absolute paths sorted by code point. Warns of what it passes over.
 *
 * Errors: `LesionsNotFound` where the path does not exist, a part of it cannot be read, it is an output folder of lnm, or holds no
 * lesion.
 */
export const findLesions = Effect.fnUntraced(function* (
  options: LesionSearch
): Effect.fn.Return<ReadonlyArray<string>, LesionsNotFound> {
  const path = resolve(options.path)
  if ((yield* kindOf(path)) === "file") return [path]
  const output = options.output === undefined ? undefined : yield* withoutLinks(resolve(options.output))
  yield* refuseOutputFolder(path, output)
  const dataset = yield* isDataset(path)
  const pattern = options.pattern ?? defaultLesionPatterns[dataset ? "dataset" : "folder"]
  const found = yield* search(path, pattern, output)
  const files = yield* withoutOwnOutputs(found.nifti)
  if (files.length === 0) {
    return yield* nothingFound(path, pattern, dataset ? "this BIDS dataset" : "this folder", found)
  }
  yield* warnOfOthers(found.others)
  return options.pattern === undefined ? yield* lesionsByName(path, pattern, files) : files
})
