/**
 * Finds the HDF5 files of a connectome: one file, or those of a folder in the order of their names. A path that is not there or
 * may not be read is a typed failure here, before the HDF5 library sees it.
 */
import type { Stats } from "node:fs"
import { access, constants, readdir, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { warnAll } from "../../runtime/Warnings.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { onPath } from "../pathFailures.ts"

/** Whether a path names an HDF5 file. */
export const isHdf5 = (file: string): boolean => /\.(h5|hdf5|hdf)$/i.test(file)

/** Fails where a file cannot be opened for reading, or is something else: a folder, a pipe. */
export const checkReadable = Effect.fnUntraced(function* (file: string) {
  const found: Stats = yield* onPath(file, () => stat(file))
  if (!found.isFile()) {
    const problem = found.isDirectory() ? "it is a folder, not a file" : "it is no regular file"
    return yield* new InvalidConnectome({ file, problem, remedy: "Give an HDF5 file, or a folder with some." })
  }
  yield* onPath(file, () => access(file, constants.R_OK))
  return found
})

/** Entries of a folder that are not hidden, among them not the `._*.h5` that macOS leaves on other file systems. */
const entriesOf = (folder: string) =>
  onPath(folder, () =>
    readdir(folder, { withFileTypes: true }).then((entries) => entries.filter(({ name }) => !name.startsWith(".")))
  )

/**
 * The HDF5 files at a location, as absolute paths in order.
 *
 * Warns of subfolders with HDF5 files, which are not read.
 *
 * @param keys under which key of the config the location is
 */
export const listHdf5Files = Effect.fnUntraced(function* (location: string, keys: "connectome" | "source") {
  const found: Stats = yield* onPath(location, () => stat(location)).pipe(
    Effect.mapError(({ file, problem, remedy, cause }) => {
      const where = (cause as NodeJS.ErrnoException).code === "ENOENT" ? `Correct ${keys}.path.` : remedy
      return new InvalidConnectome({ file, problem, remedy: where, cause })
    })
  )
  if (!found.isDirectory()) return [path.resolve(location)]
  const entries = yield* entriesOf(location)
  const files = entries.filter((entry) => isHdf5(entry.name) && !entry.isDirectory()).map(({ name }) => name)
  const below: Array<string> = []
  for (const folder of entries.filter((entry) => entry.isDirectory())) {
    const inside = yield* Effect.orElseSucceed(entriesOf(path.join(location, folder.name)), () => [])
    if (inside.some(({ name }) => isHdf5(name))) below.push(path.join(location, folder.name))
  }
  if (files.length === 0) {
    const where = below.length > 0 ? `; its subfolders do: ${below.join(", ")}` : ""
    return yield* new InvalidConnectome({
      file: location,
      problem: `the folder holds no .h5 file${where}`,
      remedy: `Give an HDF5 file, or a folder with some, as ${keys}.path; for 4D NIfTI files set ${keys}.mask too.`
    })
  }
  yield* warnAll(
    below.map((folder) => ({
      file: folder,
      found: "the folder lies in that of the connectome and holds HDF5 files",
      taken: `They are not read; only the files in ${keys}.path itself are`
    }))
  )
  return files.sort().map((name) => path.resolve(location, name))
})
