/**
 * Rows of a number and a name between blanks, with a colour before or after the name:
 *
 *     1002  ctx-lh-caudalanteriorcingulate  125 100 160 0      FreeSurfer, 3D Slicer (.ctbl)
 *     1 0.47059 0.07059 0.52157 Visual network                 FSLeyes (.lut)
 *     1  255 0 0  1 1 1  "Left hippocampus"                    ITK-SNAP
 *     1 Precentral_L 2001                                      MRIcron
 *     1 Superior Temporal Gyrus, anterior division             a number and the rest of the line
 *
 * Which numbers beside a name are no part of it is told by all rows together: as many in each. Where that leaves a doubt the
 * file is refused.
 */
import { Effect } from "effect"
import { printableExcerpt } from "../../runtime/printable.ts"
import type { AtlasImage, InvalidParcelLabels } from "../parcelLabels.ts"
import { isNumeric, type LabelLine, type LabelRow, type Refuse } from "./LabelRow.ts"

interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly isNumber: boolean
}

interface NumberedLine {
  readonly line: number
  readonly index: number
  /** After the number. */
  readonly rest: string
  readonly tokens: ReadonlyArray<Token>
  /** Numbers before the name. */
  readonly leading: number
  /** Numbers after the name. */
  readonly trailing: number
}

/** A comma or semicolon after the blank belongs to a table. */
const numberFirst = /^\s*(\d+)(?:\.0+)?\s+([^\s;,].*)$/

/** Whether a line begins with a number and goes on after a blank. */
export const isNumberedLine = ({ text }: LabelLine): boolean => numberFirst.test(text)

/** Least number in the third column of MRIcron's tables that tells it from a number at the end of a name. AAL begins at 2001. */
const leastCode = 1000

/** Share of a lookup table's rows that must have one opacity. */
const nearlyAll = 0.9

/** In double quotes everything is one token, and no number. */
const tokensOf = (text: string): ReadonlyArray<Token> =>
  [...text.matchAll(/"[^"]*"|\S+/g)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
    isNumber: isNumeric(match[0])
  }))

const numberedLine = ({ number, text }: LabelLine): NumberedLine => {
  const [, index, rest = ""] = numberFirst.exec(text) ?? []
  const tokens = tokensOf(rest)
  const firstWord = tokens.findIndex(({ isNumber }) => !isNumber)
  const lastWord = tokens.findLastIndex(({ isNumber }) => !isNumber)
  const hasName = firstWord >= 0
  return {
    line: number,
    index: Number(index),
    rest: rest.trimEnd(),
    tokens,
    leading: hasName ? firstWord : tokens.length,
    trailing: hasName ? tokens.length - 1 - lastWord : 0
  }
}

/** The name between so many numbers before and after it, in one line of text. */
const nameOf = ({ rest, tokens }: NumberedLine, before: number, after: number): string => {
  const [first, last] = [tokens[before]!, tokens[tokens.length - 1 - after]!]
  const name = rest.slice(first.start, last.end)
  const isQuoted = first === last || before === 6
  return (isQuoted ? name.replace(/^"(.*)"$/, "$1").trim() : name).replace(/ +/g, " ")
}

/** The count that most rows have. */
const commonCount = (counts: ReadonlyArray<number>): number => {
  const groups = [...Map.groupBy(counts, (count) => count)]
  return groups.reduce((most, group) => (group[1].length > most[1].length ? group : most))[0]
}

const areDistinct = (values: ReadonlyArray<string | number>): boolean => new Set(values).size === values.length

/** Numbers before a name are a colour, alone or with the flags of ITK-SNAP; a number there may also begin the name. */
const numbersBefore = (rows: ReadonlyArray<NumberedLine>): number | undefined => {
  const count = commonCount(rows.map(({ leading }) => leading))
  if (rows.some(({ leading }) => leading < count)) return count < 3 ? 0 : undefined
  if (count === 6) return rows.every(({ tokens }) => tokens[6]!.text.startsWith('"')) ? 6 : undefined
  return count === 0 || count === 3 ? count : undefined
}

/** Numbers after a name are a colour or a place (3 or 4), or a code (1); where not every row has them, they end the names. */
const numbersAfter = (rows: ReadonlyArray<NumberedLine>): number | undefined => {
  const counts = rows.map(({ trailing }) => trailing)
  const [least, count] = [counts.reduce((a, b) => Math.min(a, b), Infinity), commonCount(counts)]
  if (least === 4 && hasOpacity(rows)) return 4
  if (count < 3) return least === 0 ? 0 : least === 1 && areCodes(rows) ? 1 : undefined
  return least === 3 && count === 3 ? 3 : undefined
}

/** Whether the last number is one opacity in nearly every row, 0 or 1 or 255: then four numbers are a colour. */
const hasOpacity = (rows: ReadonlyArray<NumberedLine>): boolean => {
  const values = rows.filter(({ index }) => index !== 0).map(({ tokens }) => Number(tokens.at(-1)!.text))
  return [0, 1, 255].some((opacity) => values.filter((value) => value === opacity).length >= nearlyAll * values.length)
}

/** MRIcron's third column: one number after one word, that repeats the first or is larger than numbers at the ends of names. */
const areCodes = (rows: ReadonlyArray<NumberedLine>): boolean =>
  rows.every(({ index, tokens }) => {
    const code = Number(tokens[1]?.text)
    return tokens.length === 2 && (code === index || code >= leastCode)
  })

/** The rows to be read: a broken row is left out where its number is no label of the image. */
const rowsThatCount = (lines: ReadonlyArray<LabelLine>, { kind, indices }: AtlasImage): ReadonlyArray<NumberedLine> => {
  const rows = lines.map(numberedLine)
  if (kind === "probabilistic") return rows
  const needed = new Set(indices)
  const common = commonCount(rows.map(({ trailing }) => trailing))
  const isWhole = ({ leading, tokens, trailing }: NumberedLine) => leading < tokens.length && trailing >= common
  return rows.filter((row) => needed.has(row.index) || isWhole(row))
}

/** Reads rows that all begin with a number. */
export const numberedLines = Effect.fnUntraced(function* (
  lines: ReadonlyArray<LabelLine>,
  atlas: AtlasImage,
  refuse: Refuse
): Effect.fn.Return<ReadonlyArray<LabelRow>, InvalidParcelLabels> {
  const rows = rowsThatCount(lines, atlas)
  if (rows.length === 0) return []
  const nameless = rows.find(({ leading, tokens }) => leading === tokens.length)
  if (nameless !== undefined) return yield* refuse(`line ${nameless.line} has numbers and no name`)
  const before = numbersBefore(rows)
  const after = before === undefined ? undefined : before > 0 ? 0 : numbersAfter(rows)
  if (before === undefined || after === undefined) return yield* refuse(doubtOf(rows, before))
  const named = rows.map((row): LabelRow => ({ line: row.line, index: row.index, name: nameOf(row, before, after) }))
  const joined = after >= 3 ? rows.find((row) => hasNumbersWithin(row)) : undefined
  if (joined !== undefined) {
    return yield* refuse(`line ${joined.line} has numbers within its name, as where two lines have become one`)
  }
  const unclosed = before === 6 ? named.find(({ name }) => name.startsWith('"')) : undefined
  if (unclosed !== undefined) return yield* refuse(`line ${unclosed.line} has a name in quotes that do not end`)
  const twice = after === 1 ? firstRepeated(named) : undefined
  if (twice !== undefined) {
    return yield* refuse(
      `line ${twice.line} has the name "${printableExcerpt(twice.name)}" again, if the number after it is no part of it`
    )
  }
  return named
})

/** Numbers in a row within a name from which on they are the colour of another line. */
const mostNumbersWithin = 2

const hasNumbersWithin = ({ tokens, leading, trailing }: NumberedLine): boolean => {
  const within = tokens.slice(leading, tokens.length - trailing)
  return within.some((_, n) => {
    const row = within.slice(n, n + mostNumbersWithin + 1)
    return row.length > mostNumbersWithin && row.every(({ isNumber }) => isNumber)
  })
}

const firstRepeated = (rows: ReadonlyArray<LabelRow>): LabelRow | undefined => {
  const known = new Set<string>()
  return rows.find(({ name }) => known.size === known.add(name).size)
}

/** Which row is not like the others, or which numbers may be part of the names. */
const doubtOf = (rows: ReadonlyArray<NumberedLine>, before: number | undefined): string => {
  const countOf = (row: NumberedLine) => (before === undefined ? row.leading : row.trailing)
  const common = commonCount(rows.map(countOf))
  const odd = rows.find((row) => countOf(row) < common)
  const where = before === undefined ? "before" : "after"
  return odd === undefined
    ? `line ${rows[0]!.line} and the others have ${common} ${common === 1 ? "number" : "numbers"} ${where} the name, which may be part of it`
    : `line ${odd.line} has ${countOf(odd)} numbers ${where} its name, and most others have ${common}`
}

const nameFirst = /^\s*(\S.*?)(?:\s*[:=]\s*|\s+)(\d+)\s*$/

/**
 * Rows of a name and a number, `Precentral_L 2001` or `Precentral_L = 2001`. A list of names that end in numbers looks the same, but for
 * that its names are the same without them.
 *
 * @returns undefined where the lines are a list of names; "doubtful" where they may be either
 */
export const namedNumbers = (lines: ReadonlyArray<LabelLine>): ReadonlyArray<LabelRow> | "doubtful" | undefined => {
  const matches = lines.map(({ number, text }) => ({ number, match: nameFirst.exec(text) }))
  if (matches.some(({ match }) => match === null)) return undefined
  const rows = matches.map(
    ({ number, match }): LabelRow => ({ line: number, index: Number(match![2]), name: match![1]! })
  )
  if (!areDistinct(rows.map(({ index }) => index))) return undefined
  if (areDistinct(rows.map(({ name }) => name))) return rows
  return rows.every(({ index }, n) => index === n + 1) ? undefined : "doubtful"
}
