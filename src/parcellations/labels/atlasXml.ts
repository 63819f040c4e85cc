/**
 * The XML that describes an atlas of FSL, and the dialect of it that AAL and SPM ship.
 *
 *     <atlas><header><type>Probabilistic</type></header><data><label index="0" x="48" …>Frontal Pole</label>…
 *     <atlas><header><type>Label</type></header><data><label><index>2001</index><name>Precentral_L</name></label>…
 *
 * FSL's index is the volume of a probabilistic atlas, counted from 0, and is 1 less than the value in the label images made of
 * it; where the type is Label it is the value. Elements of their own (`<index>`) always hold the value. Entities of a document's
 * own are not read, so that none can grow.
 *
 * Source: https://fsl.fmrib.ox.ac.uk/fsl/docs/#/registration/atlases; fsl.data.atlases of fslpy
 */
import { Effect } from "effect"
import type { InvalidParcelLabels } from "../parcelLabels.ts"
import { type LabelRow, type Refuse, wholeNumber } from "./LabelRow.ts"

interface XmlLabel {
  readonly line: number
  readonly attributes: Readonly<Record<string, string>>
  /** Text of the element itself, and of each element inside of it. */
  readonly text: Readonly<Record<string, string>>
}

interface AtlasXml {
  readonly root: string
  readonly type: string
  readonly labels: ReadonlyArray<XmlLabel>
}

/** FSL wrote it with this typing mistake once. */
const volumeTypes = ["probabilistic", "probabalistic", "statistic"]

const remedy =
  'Give an XML as FSL has it, with a type and <label index="…">name</label>, or a table with columns index and name'

/** Throws what the parser complains about, with its line. */
const parseXml = (text: string, sax: typeof import("sax")): AtlasXml => {
  const parser = sax.parser(true, { position: true })
  const path: Array<string> = []
  const texts = new Map<string, string>()
  const labels: Array<XmlLabel> = []
  let root = ""
  let open:
    | { readonly line: number; readonly attributes: XmlLabel["attributes"]; readonly text: Record<string, string> }
    | undefined
  parser.onerror = (error) => {
    throw error
  }
  parser.onopentag = ({ name, attributes }) => {
    path.push(name)
    root ||= name
    if (path.join("/") === `${root}/data/label`) {
      open = { line: parser.line + 1, attributes: attributes as XmlLabel["attributes"], text: {} }
    }
  }
  const addText = (piece: string) => {
    const place = path.join("/")
    texts.set(place, (texts.get(place) ?? "") + piece)
    if (open !== undefined) open.text[path.at(-1)!] = (open.text[path.at(-1)!] ?? "") + piece
  }
  parser.ontext = addText
  parser.oncdata = addText
  parser.onclosetag = () => {
    if (path.join("/") === `${root}/data/label` && open !== undefined) {
      labels.push(open)
      open = undefined
    }
    path.pop()
  }
  parser.write(text).close()
  return { root, type: (texts.get(`${root}/header/type`) ?? "").trim().toLowerCase(), labels }
}

const onOneLine = (text: string): string => text.trim().replace(/\s+/g, " ")

const rowOf = ({ line, attributes, text }: XmlLabel, isOfVolumes: boolean): LabelRow | undefined => {
  const value = wholeNumber((attributes.value ?? text.index ?? "").trim())
  const number = wholeNumber(attributes.index?.trim())
  const index = value ?? (number === undefined ? undefined : number + (isOfVolumes ? 1 : 0))
  const name = onOneLine(text.name ?? text.label ?? "")
  return index === undefined || name === "" ? undefined : { line, index, name }
}

/** Reads the labels, each with the value that it has in a label image. */
export const atlasXml = Effect.fnUntraced(function* (
  text: string,
  refuse: Refuse
): Effect.fn.Return<ReadonlyArray<LabelRow>, InvalidParcelLabels> {
  const { default: sax } = yield* Effect.promise(() => import("sax"))
  const { root, type, labels } = yield* Effect.try({
    try: () => parseXml(text, sax),
    catch: (cause) =>
      refuse(`it is no well-formed XML (${(cause as Error).message.split("\n").join(", ")})`, remedy, cause)
  })
  if (root !== "atlas" || labels.length === 0) {
    return yield* refuse(`it is XML, but its <${root}> has no <data> with <label> elements of an atlas`, remedy)
  }
  if (type !== "label" && !volumeTypes.includes(type)) {
    const problem = `its header has the type "${type}", and the labels' numbers follow from Label or Probabilistic`
    return yield* refuse(problem, remedy)
  }
  const rows: Array<LabelRow> = []
  for (const label of labels) {
    const row = rowOf(label, volumeTypes.includes(type))
    if (row === undefined)
      return yield* refuse(`the label in line ${label.line} has no whole number or no name`, remedy)
    rows.push(row)
  }
  return rows
})
