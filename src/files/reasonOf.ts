/** What the system says of a file that it does not let us read or write, in plain words and with what helps. */

/** What holds whether a file is read or written. */
const reasons: Readonly<Record<string, string>> = {
  EMFILE: "too many files are open in this process; raise the limit with `ulimit -n`",
  ENFILE: "too many files are open on this machine; try again when others have ended",
  EIO: "the disk or network drive reports an input/output error",
  ESTALE: "the network drive has lost track of it (stale file handle); mount the drive anew",
  ENXIO: "the device behind it is not there",
  ENODEV: "the device behind it is not there",
  ETIMEDOUT: "the network drive does not answer",
  EBUSY: "another program holds it",
  ENAMETOOLONG: "its name is too long for the file system",
  EILSEQ: "the file system does not take the characters of its name",
  ELOOP: "symbolic links on its path go in a circle",
  ETXTBSY: "it is being run as a program",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOMEM: "the system has no memory left for it"
}

const whenWriting: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the file system is read-only",
  ENOENT: "a folder of its path is not there, or was removed meanwhile",
  // What mkdir says of a file where a folder should be.
  EEXIST: "a part of the path is a file, not a folder",
  EISDIR: "a folder of that name is in its place"
}

const whenReading: Readonly<Record<string, string>> = {
  EACCES: "you may not read it",
  EPERM: "you may not read it",
  ENOENT: "there is no such file",
  EISDIR: "it is a folder, not a file"
}

/** The reason why a file could not be written, or read; the first line of the error's own message where it is no known one. */
export const reasonOf = (cause: unknown, doing: "writing" | "reading" = "writing"): string => {
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const known =
    typeof code === "string" ? ((doing === "writing" ? whenWriting : whenReading)[code] ?? reasons[code]) : undefined
  return known ?? String(message ?? cause).split("\n")[0]!
}

/** The words and codes for shortages in messages of the system, and of libraries that quote it. */
const shortages: ReadonlyArray<readonly [pattern: RegExp, code: string]> = [
  [/\bEMFILE\b|too many open files/i, "EMFILE"],
  [/\bENFILE\b/, "ENFILE"]
]

/** Causes of causes that are looked at: they may go in a circle. */
const deepestCause = 10

/**
 * The reason of a failure that comes from a shortage of the process or the machine, however deep among its causes: then no file
 * is to blame. Undefined: no shortage is behind it.
 */
export const shortageOf = (cause: unknown, depth = 0): string | undefined => {
  const { code, message, cause: deeper } = (cause ?? {}) as Readonly<Record<"code" | "message" | "cause", unknown>>
  const [, found] = shortages.find(([pattern, name]) => code === name || pattern.test(String(message ?? ""))) ?? []
  if (found !== undefined) return reasons[found]
  return deeper === undefined || depth >= deepestCause ? undefined : shortageOf(deeper, depth + 1)
}
