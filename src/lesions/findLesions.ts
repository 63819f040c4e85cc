/**
 * Finds the lesion files of a run: one file, a folder of them, or a BIDS dataset.
 *
 * The start of every pipeline. In a BIDS dataset, where images lie beside masks, only `*_mask.nii*` is taken; in a plain
 * folder every NIfTI file is. Only paths are found here; whether a file is a lesion is told when it is loaded.
 */
import { access, stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import { Effect, Schema } from "effect"
import { findNiftiFiles } from "../imaging/findNiftiFiles.ts"

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
const defaultLesionPatterns = { dataset: "**/*_mask.nii*", folder: "**/*.nii*" } as const

const isDataset = (folder: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    access(join(folder, "dataset_description.json")).then(
      () => true,
      () => false
    )
  )

const kindOf = (path: string): Effect.Effect<"file" | "folder", LesionsNotFound> =>
  Effect.tryPromise({
    try: () => stat(path).then((found) => (found.isDirectory() ? "folder" : "file")),
    catch: (cause) =>
      new LesionsNotFound({
        path,
        problem: "no such file or folder",
        remedy: "Check lesions.path; a relative path counts from the config file",
        cause
      })
  })

/**
 * Lists the lesion files below a path, as absolute paths sorted by code point.
 *
 * Errors: `LesionsNotFound` where the path does not exist, cannot be read, or no NIfTI file matches.
 */
export const findLesions = Effect.fnUntraced(function* (options: {
  /** A NIfTI file, a folder, or a BIDS dataset. */
  readonly path: string
  /** Glob pattern within a folder. Default: see `defaultLesionPatterns`. */
  readonly pattern?: string | undefined
}): Effect.fn.Return<ReadonlyArray<string>, LesionsNotFound> {
  const path = resolve(options.path)
  if ((yield* kindOf(path)) === "file") return [path]
  const dataset = yield* isDataset(path)
  const pattern = options.pattern ?? defaultLesionPatterns[dataset ? "dataset" : "folder"]
  const files = yield* findNiftiFiles(
    path,
    pattern,
    (cause) =>
      new LesionsNotFound({
        path,
        pattern,
        problem: `cannot be searched (${(cause as Error).message})`,
        remedy: "Check the folder's permissions",
        cause
      })
  )
  if (files.length > 0) return files
  const where = dataset ? "this BIDS dataset" : "this folder"
  return yield* new LesionsNotFound({
    path,
    pattern,
    problem: `no .nii or .nii.gz file in ${where} matches "${pattern}"`,
    remedy: "Check lesions.path, or set lesions.pattern to what the files are called"
  })
})
