/**
 * Which files of a folder a glob pattern names: by their paths within it, with `/` between names.
 *
 * The extension of an image counts in any case: `a.NII.GZ` is `a.nii.gz`. Hidden names are matched only by a pattern that
 * writes their dot. The pattern also says which folders may hold a match, so that others need not be read.
 */
import { matchesGlob } from "node:path"

export interface FilePattern {
  readonly matches: (relative: string) => boolean
  /** Whether a match may lie in a folder or below it. */
  readonly reaches: (folder: string) => boolean
}

const niftiExtension = /\.nii(\.gz)?$/i

/** Whether a file is NIfTI by its name. */
export const isNiftiName = (name: string): boolean => niftiExtension.test(name)

const lowerCaseExtension = (name: string): string =>
  name.replace(niftiExtension, (extension) => extension.toLowerCase())

/** Where the pattern itself ends in an extension in capitals, or in the beginning of one: `*.NII*`. */
const lowerCaseEnding = (pattern: string): string => pattern.replace(/\.nii(\.gz)?(?=\**$)/i, (e) => e.toLowerCase())

export const makeFilePattern = (text: string): FilePattern => {
  const pattern = lowerCaseEnding(text.replace(/^(\.\/+)+/, ""))
  const segments = pattern.split("/")
  // A brace that spans folders cannot be held against one folder after the other.
  const isPlain = !/\{[^}]*\//.test(pattern)
  return {
    matches: (relative) => matchesGlob(relative, pattern) || matchesGlob(lowerCaseExtension(relative), pattern),
    reaches: (folder) => !isPlain || reaches(segments, folder.split("/"))
  }
}

/** Folder by folder, up to the first `**`, which reaches everywhere but into hidden folders that no segment names. */
const reaches = (segments: ReadonlyArray<string>, folders: ReadonlyArray<string>): boolean => {
  const isShown = (name: string) =>
    !name.startsWith(".") || segments.some((segment) => segment.startsWith(".") && matchesGlob(name, segment))
  for (const [depth, folder] of folders.entries()) {
    const segment = segments[depth]
    if (segment?.includes("**")) return folders.slice(depth).every(isShown)
    if (segment === undefined || depth === segments.length - 1 || !matchesGlob(folder, segment)) return false
  }
  return true
}
