/**
 * Makes a folder and those above it that are missing. Unlike `mkdir` with `recursive`, it fails where a file system says
 * that a folder which is there is not (as /proc does): Node 24's tries forever.
 */
import { mkdir, stat } from "node:fs/promises"
import path from "node:path"

/** Rejects with the system's error; does nothing where the folder is there. */
export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return
    const parent = path.dirname(folder)
    if (code !== "ENOENT" || parent === folder || (await isThere(parent))) throw cause
    await makeFolder(parent)
    await makeFolder(folder)
  }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false
  )
