/**
 * The text of a table as spreadsheet programs save it: which encoding its bytes are in, where its lines end, which cells are in
 * quotes.
 *
 * UTF-8 and UTF-16 are told by the byte order mark, UTF-16 without one by its zero bytes. Bytes that are no UTF-8 are taken for
 * Windows' Western encoding, in which letters without accents, digits and tabs are the same.
 */

const startsWith = (bytes: Uint8Array, mark: ReadonlyArray<number>): boolean =>
  mark.every((byte, position) => bytes[position] === byte)

const zerosAt = (bytes: Uint8Array, parity: 0 | 1): number => {
  let zeros = 0
  for (let n = parity; n < bytes.length; n += 2) if (bytes[n] === 0) zeros++
  return zeros
}

/** UTF-16 without a mark: of Latin letters every second byte is zero. */
const unmarkedUtf16 = (bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  const [even, odd] = [zerosAt(bytes, 0), zerosAt(bytes, 1)]
  const most = bytes.length / 4
  return odd > most && even === 0 ? "utf-16le" : even > most && odd === 0 ? "utf-16be" : undefined
}

const encodingOf = (bytes: Uint8Array): "utf-16le" | "utf-16be" | "utf-8" => {
  if (startsWith(bytes, [0xff, 0xfe])) return "utf-16le"
  if (startsWith(bytes, [0xfe, 0xff])) return "utf-16be"
  return unmarkedUtf16(bytes) ?? "utf-8"
}

/** The text of a file, without a byte order mark. */
export const decodeText = (bytes: Uint8Array): string => {
  const encoding = encodingOf(bytes)
  if (encoding !== "utf-8") return new TextDecoder(encoding).decode(bytes)
  const text = new TextDecoder("utf-8").decode(bytes)
  return text.includes("\uFFFD") ? new TextDecoder("windows-1252").decode(bytes) : text
}

/** A quote within quotes is written twice. */
const unquoted = (cell: string): string =>
  cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell

const linesOf = (text: string): ReadonlyArray<string> => text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)

/** What a list has in its lines, one thing each: without empty ones, and without what follows a # at the start of a word. */
export const listedLines = (text: string): ReadonlyArray<string> =>
  linesOf(text)
    .map((line) => unquoted(line.replace(/(^|\s)#.*$/, "").trim()).trim())
    .filter((line) => line !== "")

/** Lines of cells between tabs, without spaces around them. Lines end in any of the ways that systems have; empty ones do not count. */
export const tabbedCells = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  linesOf(text)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split("\t").map((cell) => unquoted(cell.trim()).trim()))
