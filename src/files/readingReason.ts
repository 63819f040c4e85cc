/** What the system says of a file or folder that cannot be read, in plain words. The counterpart of `reasonOf`, for reading. */

const reasons: Readonly<Record<string, string>> = {
  EACCES: "may not be read: you have no permission",
  EPERM: "may not be read: you have no permission",
  ENOENT: "is not there",
  ENOTDIR: "is not there: a part of the path is a file, not a folder",
  EISDIR: "is a folder, not a file",
  ELOOP: "is a link that leads to itself",
  ENAMETOOLONG: "has a name that is too long",
  EMFILE: "cannot be opened: this process has as many files open as it may (see `ulimit -n`)",
  ENFILE: "cannot be opened: the machine has as many files open as it may",
  EIO: "cannot be read: the disk reports an error",
  ESTALE: "cannot be read: the network disk has lost it (stale file handle)",
  ENOTCONN: "cannot be read: the network disk is not connected",
  ETIMEDOUT: "cannot be read: the network disk does not answer"
}

/** A clause that follows the name of the file: "may not be read: you have no permission". */
export const readingReason = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException
  return (code === undefined ? undefined : reasons[code]) ?? `cannot be read (${message})`
}
