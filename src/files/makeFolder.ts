/**
 * Makes a folder and those above it that are missing. Unlike `mkdir` with `recursive`, it fails where a file system says
 * that a folder which is there is not (as /proc does): Node 24's tries forever.
 */
import { mkdir, stat } from "node:fs/promises"
import path from "node:path"

/** Rejects with the system's error; does nothing where the folder is there. May be called side by side. */
export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await makeOne(folder)
  } catch (cause) {
    const parent = path.dirname(folder)
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || parent === folder) throw cause
    if (!(await isThere(parent))) await makeFolder(parent)
    await makeOne(folder)
  }
}

const makeOne = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder)
  } catch (cause) {
    const there = (cause as NodeJS.ErrnoException).code === "EEXIST" && (await stat(folder)).isDirectory()
    if (!there) throw cause
  }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false
  )
