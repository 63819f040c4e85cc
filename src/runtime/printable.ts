/** Text of files as a message may hold it: without the characters that move a terminal's cursor or change its colours. */

/** Characters that a message quotes of one text. */
const mostQuoted = 300

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Control characters as `\u001b`, and no more than some hundred characters. */
export const printable = (text: string): string => {
  const cut = text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text
  return cut.replace(controlCharacters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
