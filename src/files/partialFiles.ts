/**
 * What a file is called until it is whole: the one place that says so, to give such names, to know them again, and to remove
 * what a killed process has left under them.
 */
import { readdir, rm } from "node:fs/promises"
import path from "node:path"
import { unlessMissing } from "./unlessMissing.ts"

/** What a file's name ends in until it is whole, where one process at a time writes to its folder: the next one writes over it. */
export const partialSuffix = ".partial"

/** What a file is called until it is whole, where several processes may write to its folder. */
export const asideOfProcess = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}${partialSuffix}-${process.pid}`)

/** Whether a name, without folders, is one that `asideOfProcess` gives. */
export const isAside = (name: string): boolean => /^\..+\.partial-\d+$/.test(name)

/** Bytes by which such a name is longer than the file's own: its dot, and the number of a process with up to 7 digits. */
export const asideBytes = `.${partialSuffix}-`.length + 7

/**
 * Removes what killed processes have left aside in a folder, not below it; a process of this number among them, as in a container
 * each may have it. Nobody else may be writing there. Rejects with the system's error; does nothing where there is no such folder.
 */
export const removeAsides = async (folder: string): Promise<void> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessMissing)
  for (const entry of entries ?? []) {
    if (entry.isFile() && isAside(entry.name)) await rm(path.join(folder, entry.name), { force: true })
  }
}
