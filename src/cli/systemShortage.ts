/**
 * Explains failures that come from a shortage of open files or threads. They can come wherever a file is opened, a library loaded
 * or a worker started, and then look like a damaged file or a fault of the program.
 */

const shortages: ReadonlyArray<readonly [said: RegExp, meaning: string]> = [
  [
    /\bENFILE\b/,
    "Too many files are open on this machine (ENFILE): no file is at fault. Run again when it is less busy."
  ],
  [
    /\bEMFILE\b|too many open files/i,
    "Too many files are open at once (EMFILE): no file is at fault, the limit of this shell or job is too low. Raise it: `ulimit -n 4096`."
  ],
  [
    /\bEAGAIN\b/,
    "The system gives this user or job no more threads (EAGAIN): lower compute.workers, or raise the limit (ulimit -u)."
  ]
]

/** One line that explains the shortage behind an error; undefined where no shortage is behind it. */
export const explainShortage = (error: unknown): string | undefined => {
  const texts = textsOf(error)
  return shortages.find(([said]) => texts.some((text) => said.test(text)))?.[1]
}

/** The messages and codes of an error and of its causes. */
const textsOf = (error: unknown): ReadonlyArray<string> => {
  const texts: Array<string> = []
  // A chain of causes is a few errors long; one that goes in a circle ends here.
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    texts.push(error.message, String((error as NodeJS.ErrnoException).code))
    error = error.cause
  }
  return texts
}
