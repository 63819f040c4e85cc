/**
 * Finds the NIfTI files of a folder that match a pattern, in an order that is the same everywhere.
 *
 * Under the search for lesions and for the files of a NIfTI connectome. Order matters: sums run over subjects in it. Names
 * are compared by code point, not by the machine's language. Links to folders are followed. Hidden files and folders are passed over, among them the
 * `._*.nii.gz` that macOS leaves on other file systems.
 */
import { glob } from "node:fs/promises"
import { resolve } from "node:path"
import { Effect } from "effect"

/** The order of UTF-8 bytes is that of code points; that of JavaScript strings is not, beyond U+FFFF. */
const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const isNiftiName = (name: string): boolean => /\.nii(\.gz)?$/i.test(name)

const listMatches = async (folder: string, pattern: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for await (const entry of glob(pattern, { cwd: folder, withFileTypes: true, followSymlinks: true })) {
    // A link counts as a file, even one whose content is missing: reading it says so, skipping it would not.
    if (!entry.isDirectory() && isNiftiName(entry.name)) found.push(resolve(folder, entry.parentPath, entry.name))
  }
  return found.sort(byCodePoint)
}

/**
 * Lists the `.nii` and `.nii.gz` files below a folder that match a glob pattern, as absolute paths in order.
 *
 * Fails with the cause where a folder cannot be read.
 */
export const findNiftiFiles = <E>(
  folder: string,
  pattern: string,
  onFailure: (cause: unknown) => E
): Effect.Effect<ReadonlyArray<string>, E> =>
  Effect.tryPromise({ try: () => listMatches(folder, pattern), catch: onFailure })
