/** Flushes a folder, so that names which were given or changed in it outlive a loss of power. */
import { open } from "node:fs/promises"

/** What a system says that cannot flush folders, or not this one for us. */
const notPossible: ReadonlySet<string> = new Set([
  "EACCES",
  "EBADF",
  "EINVAL",
  "EISDIR",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM"
])

/** Rejects with the system's error where the disk fails; does nothing where the file system cannot do it. */
export const syncFolder = async (folder: string): Promise<void> => {
  try {
    await using handle = await open(folder, "r")
    await handle.sync()
  } catch (cause) {
    if (!notPossible.has((cause as NodeJS.ErrnoException).code ?? "")) throw cause
  }
}
