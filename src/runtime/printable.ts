/**
 * Text that cannot do anything to a terminal or a table: control characters as escapes that can be read.
 *
 * File names may hold any byte but `/` and NUL: a tab would shift the cells of a table, an escape sequence colours or
 * clears the screen, a mark of writing direction shows a name as another one.
 */

/** Line and paragraph separators break lines in some programs; the others turn the direction of what follows. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const named: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0)!.toString(16)
  return named[character] ?? (code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`)
}

/** The text on one line: `a\tb` for a tab between a and b. Other text comes back as it is. */
export const printable = (text: string): string => text.replace(unsafe, escapeOf)

/** The same of text of several lines, which stay apart. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n")

/** Whether a name holds a character that `printable` escapes. */
export const hasControlCharacter = (text: string): boolean => printable(text) !== text

/** Characters that a message quotes of one text. */
const mostQuoted = 300

/** The text on one line, no more than some hundred characters of it. */
export const printableExcerpt = (text: string): string =>
  printable(text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text)

/** A message that may list things on lines of their own, each indented by two spaces. */
export const printableList = (text: string): string => text.split("\n  ").map(printable).join("\n  ")
