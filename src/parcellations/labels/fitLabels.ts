/**
 * Joins the rows of a label file to the labels of its atlas: every label gets its name, or the file is refused.
 *
 * Rows for labels that the image does not have are passed over, as lookup tables list whole packages. A list of names
 * without numbers fits only an image of the labels 1 to n, with as many names, or one more where the first is that of 0.
 */
import { Effect } from "effect"
import { printableExcerpt } from "../../runtime/printable.ts"
import type { AtlasImage, InvalidParcelLabels, ParcelLabel } from "../parcelLabels.ts"
import { isBackground, type LabelFileContent, type LabelRow, type Refuse } from "./LabelRow.ts"

type Fitted = Effect.Effect<ReadonlyArray<ParcelLabel>, InvalidParcelLabels>

/** Tabs and line ends would break the tables; other control characters are never part of a name. */
const controlCharacter = /[\p{Cc}\u2028\u2029]/u

const fitRemedy = "Give the labels of that atlas, or leave `labels` out to call parcels by their numbers"

const isNamed = (name: string): boolean => name !== "" && name.toLowerCase() !== "n/a"

/** Names by number. One number with two names is an error: which is meant is not known. */
const byNumber = Effect.fnUntraced(function* (rows: ReadonlyArray<LabelRow>, refuse: Refuse) {
  const known = new Map<number, LabelRow>()
  for (const row of rows) {
    const before = known.get(row.index)
    if (before !== undefined && before.name !== row.name) {
      const problem = `line ${row.line} names parcel ${row.index} a second time: "${printableExcerpt(before.name)}" in line ${before.line}, "${printableExcerpt(row.name)}" here`
      return yield* refuse(problem, "Remove one of the two lines")
    }
    known.set(row.index, before ?? row)
  }
  return known
})

const fitLabelImage = Effect.fnUntraced(function* (
  rows: ReadonlyArray<LabelRow>,
  { file, indices }: AtlasImage,
  refuse: Refuse
) {
  const needed = new Set(indices)
  const known = yield* byNumber(
    rows.filter(({ index }) => needed.has(index)),
    refuse
  )
  const unnamed = indices.filter((index) => !isNamed(known.get(index)?.name ?? ""))
  if (unnamed.length === 0) return indices.map((index): ParcelLabel => ({ index, name: known.get(index)!.name }))
  const among = unnamed.slice(0, 5).join(", ")
  const problem = `it has no name for ${unnamed.length} of the ${indices.length} labels in ${file}, among them ${among}`
  return yield* refuse(problem, fitRemedy)
})

/** Volumes have no numbers of their own: rows that count from 0 or from 1 name them in that order. */
const fitVolumes = Effect.fnUntraced(function* (
  rows: ReadonlyArray<LabelRow>,
  { file, indices }: AtlasImage,
  refuse: Refuse
) {
  const all = [...(yield* byNumber(rows, refuse)).values()].sort((a, b) => a.index - b.index)
  const named = all[0]?.index === 0 && isBackground(all[0].name) ? all.slice(1) : all
  if (named.length !== indices.length) {
    return yield* refuse(`it names ${named.length} parcels, and ${file} has ${indices.length} volumes`, fitRemedy)
  }
  const first = named[0]!.index
  const gap = named.find(({ index }, n) => index !== first + n)
  if (first > 1 || gap !== undefined) {
    const problem = `its numbers do not count from 0 or 1 on (line ${(gap ?? named[0]!).line} has ${(gap ?? named[0]!).index}), so that the volumes of ${file} cannot be told by them`
    return yield* refuse(problem, "Number the rows by volume, from 1 on")
  }
  const unnamed = named.find(({ name }) => !isNamed(name))
  if (unnamed !== undefined) return yield* refuse(`line ${unnamed.line} has no name`)
  return named.map(({ index, name }): ParcelLabel => ({ index, name }))
})

const rangeOf = (indices: ReadonlyArray<number>): string =>
  indices.length === 0 ? "none" : indices.length === 1 ? `${indices[0]}` : `${indices[0]} to ${indices.at(-1)}`

/** Names without numbers: only their count says whose they are. */
const fitList = Effect.fnUntraced(function* (
  names: ReadonlyArray<Omit<LabelRow, "index">>,
  { file, kind, indices }: AtlasImage,
  refuse: Refuse
) {
  const hasBackground = names.length > 0 && isBackground(names[0]!.name)
  const named = hasBackground ? names.slice(1) : names
  const isCounted = indices.every((index, n) => index === n + 1)
  if (named.length === indices.length && isCounted) {
    return named.map(({ name }, n): ParcelLabel => ({ index: n + 1, name }))
  }
  const things = kind === "labels" ? `labels (${rangeOf(indices)})` : "volumes"
  const after = hasBackground ? ` after "${printableExcerpt(names[0]!.name)}"` : ""
  const problem =
    named.length === indices.length
      ? `it is a list of ${named.length} names without numbers, and the ${indices.length} labels in ${file} are not 1 to ${indices.length} (the last is ${indices.at(-1)})`
      : `it is a list of ${named.length} names${after}, and ${file} has ${indices.length} ${things}`
  return yield* refuse(
    problem,
    "A list names the labels 1, 2, 3 … by its lines. Give rows of a number and a name instead"
  )
})

const rowsOf = (content: LabelFileContent): ReadonlyArray<Omit<LabelRow, "index">> =>
  content.kind === "list" ? content.names : content.rows

/** Gives the name of every label of the image, in ascending order. */
export const fitLabels = (content: LabelFileContent, atlas: AtlasImage, refuse: Refuse): Fitted => {
  const broken = rowsOf(content).find(({ name }) => controlCharacter.test(name))
  if (broken !== undefined) {
    const problem = `line ${broken.line} has a tab or another control character in the name "${printableExcerpt(broken.name)}"`
    return Effect.fail(refuse(problem, "Take it out, or give a table with columns index and name"))
  }
  if (content.kind === "list") return fitList(content.names, atlas, refuse)
  return atlas.kind === "labels" ? fitLabelImage(content.rows, atlas, refuse) : fitVolumes(content.rows, atlas, refuse)
}
