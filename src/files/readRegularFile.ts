/**
 * Reads a file that a person, or another program, may have put there: regular files only, and no more of them than they can
 * sensibly hold. A pipe or a device would be waited for, or would never end.
 */
import { constants, type Stats } from "node:fs"
import { open, stat } from "node:fs/promises"

/** What a path leads to, where it is no regular file; undefined where it is one. */
export const irregularityOf = (found: Stats): string | undefined => {
  if (found.isFile()) return undefined
  if (found.isDirectory()) return "it is a folder, not a file"
  if (found.isSymbolicLink()) return "it is a symbolic link, not a file"
  return found.isFIFO() ? "it is a pipe, not a file" : "it is a device or socket, not a file"
}

/** Opened so that a pipe which took the file's place is not waited for. */
export const readWithoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK

/** The content of a regular file. Rejects with the system's error, or with one that says what the file is instead, or that it is too large. */
export const readRegularFile = async (file: string, mostBytes: number): Promise<Buffer> => {
  refuseIrregular(await stat(file))
  await using handle = await open(file, readWithoutWaiting)
  const found = await handle.stat()
  refuseIrregular(found)
  const tooLarge = () => new Error(`it is larger than ${mostBytes / 2 ** 20} MiB`)
  if (found.size > mostBytes) throw tooLarge()
  const pieces: Array<Buffer> = []
  // To its end and not to the size that was told: files of /proc are said to be empty, and others may grow.
  for await (const piece of handle.createReadStream({ autoClose: false, end: mostBytes })) pieces.push(piece)
  const content = Buffer.concat(pieces)
  if (content.length > mostBytes) throw tooLarge()
  return content
}

const refuseIrregular = (found: Stats): void => {
  const irregularity = irregularityOf(found)
  if (irregularity !== undefined) throw new Error(irregularity)
}
