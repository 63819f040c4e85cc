/**
 * What the system's error codes mean in plain words, with what helps: the one table of them. `reasonOf`, `readingReason`, the
 * failures of a connectome's path and `shortage.ts` read it, each the words that fit its sentence.
 */

export interface SystemWords {
  /** Why a file cannot be read or written. */
  readonly reason?: string
  /** The same where only writing, or only reading, fails so or means something else. */
  readonly whenWriting?: string
  readonly whenReading?: string
  /** A clause that follows the name of a file or folder that cannot be read. */
  readonly readingClause?: string
  /** Of a path that someone has given to be read: what is wrong, and what to do. */
  readonly givenPath?: { readonly problem: string; readonly remedy: string }
  /** Whether it is not one file that fails but every one: all of a disk, or of this process. */
  readonly ofAllFiles?: true
  /** Where the process or the machine is short of something, so that no file is to blame. */
  readonly shortage?: {
    /** What it is called in messages, of the system's or of others that quote it. */
    readonly said: RegExp
    /** A line for whoever reads of the failure. */
    readonly hint: string
  }
}

const noPermission = {
  whenWriting: "you may not write there",
  whenReading: "you may not read it",
  readingClause: "may not be read: you have no permission",
  givenPath: {
    problem: "it may not be read: permission denied",
    remedy: "Ask for the permission to read it, and to enter the folders above it."
  }
}

/** By the system's code, as Node gives it. */
export const systemWords: ReadonlyMap<string, SystemWords> = new Map<string, SystemWords>([
  [
    "EMFILE",
    {
      ofAllFiles: true,
      reason: "too many files are open in this process; raise the limit with `ulimit -n`",
      readingClause: "cannot be opened: this process has as many files open as it may (see `ulimit -n`)",
      shortage: {
        said: /\bEMFILE\b|too many open files/i,
        hint: "Too many files are open at once (EMFILE): no file is at fault, the limit of this shell or job is too low. Raise it: `ulimit -n 4096`."
      }
    }
  ],
  [
    "ENFILE",
    {
      ofAllFiles: true,
      reason: "too many files are open on this machine; try again when others have ended",
      readingClause: "cannot be opened: the machine has as many files open as it may",
      shortage: {
        said: /\bENFILE\b/,
        hint: "Too many files are open on this machine (ENFILE): no file is at fault. Run again when it is less busy."
      }
    }
  ],
  [
    "EAGAIN",
    {
      shortage: {
        said: /\bEAGAIN\b/,
        hint: "The system gives this user or job no more threads (EAGAIN): lower compute.workers, or raise the limit (ulimit -u)."
      }
    }
  ],
  ["EACCES", noPermission],
  ["EPERM", noPermission],
  [
    "ENOENT",
    {
      whenWriting: "a folder of its path is not there, or was removed meanwhile",
      whenReading: "there is no such file",
      readingClause: "is not there",
      givenPath: {
        problem: "there is no such file or folder",
        remedy: "Correct the path; a link may point to something that is gone."
      }
    }
  ],
  [
    "ENOTDIR",
    {
      reason: "a part of the path is a file, not a folder",
      readingClause: "is not there: a part of the path is a file, not a folder",
      givenPath: { problem: "there is no such file or folder", remedy: "Correct the path." }
    }
  ],
  [
    "EISDIR",
    {
      whenWriting: "a folder of that name is in its place",
      whenReading: "it is a folder, not a file",
      readingClause: "is a folder, not a file"
    }
  ],
  // What mkdir says of a file where a folder should be.
  ["EEXIST", { whenWriting: "a part of the path is a file, not a folder" }],
  [
    "ELOOP",
    {
      reason: "symbolic links on its path go in a circle",
      readingClause: "is a link that leads to itself",
      givenPath: { problem: "its links lead in a circle", remedy: "Give the path of the file itself." }
    }
  ],
  [
    "ENAMETOOLONG",
    { reason: "its name is too long for the file system", readingClause: "has a name that is too long" }
  ],
  ["EILSEQ", { reason: "the file system does not take the characters of its name" }],
  ["ENOSPC", { ofAllFiles: true, whenWriting: "the disk is full" }],
  ["EDQUOT", { ofAllFiles: true, whenWriting: "your disk quota is used up" }],
  ["EFBIG", { whenWriting: "the file would be larger than allowed" }],
  ["EROFS", { ofAllFiles: true, whenWriting: "the file system is read-only" }],
  [
    "EIO",
    {
      ofAllFiles: true,
      reason: "the disk or network drive reports an input/output error",
      readingClause: "cannot be read: the disk reports an error"
    }
  ],
  [
    "ESTALE",
    {
      ofAllFiles: true,
      reason: "the network drive has lost track of it (stale file handle); mount the drive anew",
      readingClause: "cannot be read: the network disk has lost it (stale file handle)"
    }
  ],
  ["ENOTCONN", { ofAllFiles: true, readingClause: "cannot be read: the network disk is not connected" }],
  [
    "ETIMEDOUT",
    {
      ofAllFiles: true,
      reason: "the network drive does not answer",
      readingClause: "cannot be read: the network disk does not answer"
    }
  ],
  ["ENXIO", { ofAllFiles: true, reason: "the device behind it is not there" }],
  ["ENODEV", { ofAllFiles: true, reason: "the device behind it is not there" }],
  ["EBUSY", { reason: "another program holds it" }],
  ["ETXTBSY", { reason: "it is being run as a program" }],
  ["ENOMEM", { reason: "the system has no memory left for it" }]
])

/** The code that Node begins the message of a system's error with: all that is left of it when it comes from a worker. */
const codeInMessage = /^(E[A-Z0-9]+): /

/** The words for what the system threw; undefined where its code is not known, or it has none. */
export const wordsFor = (cause: unknown): SystemWords | undefined => {
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const found = typeof code === "string" ? code : codeInMessage.exec(String(message ?? ""))?.[1]
  return found === undefined ? undefined : systemWords.get(found)
}
