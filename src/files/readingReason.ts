/** What the system says of a file or folder that cannot be read, in plain words. The counterpart of `reasonOf`, for reading. */
import { wordsFor } from "./systemWords.ts"

/** A clause that follows the name of the file: "may not be read: you have no permission". */
export const readingReason = (cause: unknown): string =>
  wordsFor(cause)?.readingClause ?? `cannot be read (${(cause as Error).message})`
