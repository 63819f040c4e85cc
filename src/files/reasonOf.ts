/** Why the system does not let us read or write a file, in plain words and with what helps. */
import { wordsFor } from "./systemWords.ts"

/** The reason why a file could not be written, or read; the first line of the error's own message where it is no known one. */
export const reasonOf = (cause: unknown, doing: "writing" | "reading" = "writing"): string => {
  const words = wordsFor(cause)
  const known = (doing === "writing" ? words?.whenWriting : words?.whenReading) ?? words?.reason
  const { message } = (cause ?? {}) as { readonly message?: unknown }
  return known ?? String(message ?? cause).split("\n")[0]!
}
