/** Tables of parcel names in every layout that atlases ship, spoilt: refused, or each parcel has its own name and no other's. */
import { join } from "node:path"
import { describe, it } from "@effect/vitest"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { loadParcellation } from "../../src/parcellations/loadParcellation.ts"
import type { Parcellation } from "../../src/parcellations/Parcellation.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"
import { endsWell, fuzz, patience, type Random } from "./fuzz.ts"
import { type Spoilt, spoilSome, textSpoilers } from "./spoil.ts"

const folder = scratchFolder()

/** So unlike that a few spoilt characters do not make one of another. */
const names = ["Precentral gyrus left", "Amygdala", "Superior temporal sulcus, posterior", "Thalamus proper", "Cuneus"]

/** What may stand for the value 0, and is no parcel's name. */
const background = ["Background", "Unknown", "Clear Label"]

const grid = { shape: [5, 4, 2], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] } as const
const target = { grid, gridIndex: Int32Array.from({ length: 40 }, (_, n) => n), space: "MNI152NLin6Asym" }

interface Row {
  readonly index: number
  readonly name: string
}

interface Layout {
  readonly extension: string
  readonly text: (rows: ReadonlyArray<Row>) => string
  /** Names alone: which parcel is whose follows from the order. */
  readonly isList?: boolean
}

const lines = (rows: ReadonlyArray<Row>, line: (row: Row) => string, before: ReadonlyArray<string> = []): string =>
  `${[...before, ...rows.map(line)].join("\n")}\n`

const xml = (type: string, offset: number) => (rows: ReadonlyArray<Row>) =>
  lines(rows, ({ index, name }) => `<label index="${index - offset}" x="45" y="30" z="${index}">${name}</label>`, [
    '<?xml version="1.0" encoding="ISO-8859-1"?>',
    `<atlas version="1.0"><header><name>A</name><type>${type}</type></header>`,
    "<data>"
  ]).concat("</data>\n</atlas>\n")

const layouts: Readonly<Record<string, Layout>> = {
  "a name a line": { extension: "txt", text: (rows) => lines(rows, ({ name }) => name), isList: true },
  "a name a line, Background first": {
    extension: "txt",
    text: (rows) => lines(rows, ({ name }) => name, ["Background"]),
    isList: true
  },
  "number and name": { extension: "txt", text: (rows) => lines(rows, ({ index, name }) => `${index} ${name}`) },
  "BIDS table": {
    extension: "tsv",
    text: (rows) => lines(rows, ({ index, name }) => `${index}\t${name}\t#ff0000`, ["index\tname\tcolor"])
  },
  "table with other headers": {
    extension: "tsv",
    text: (rows) => lines(rows, ({ index, name }) => `${index}\t${name}`, ["value\tregion"])
  },
  "FreeSurfer's table": {
    extension: "txt",
    text: (rows) =>
      lines(
        rows,
        ({ index, name }) => `${String(index).padStart(4)}  ${name.replaceAll(/\W+/g, "-").padEnd(40)}  120 18 134 0`,
        [
          "#No. Label Name:                            R   G   B   A",
          "   0  Unknown                                   0   0   0   0"
        ]
      )
  },
  "FSLeyes' table": {
    extension: "lut",
    text: (rows) => lines(rows, ({ index, name }) => `${index} 0.${index}3 0.25 0.7 ${name}`)
  },
  "ITK-SNAP's table": {
    extension: "label",
    text: (rows) =>
      lines(rows, ({ index, name }) => `${String(index).padStart(5)} 255    0    0        1  1  1    "${name}"`, [
        "################################################",
        "# ITK-SnAP Label Description File",
        "################################################",
        '    0     0    0    0        0  0  0    "Clear Label"'
      ])
  },
  "FSL's XML of labels": { extension: "xml", text: xml("Label", 0) },
  "short name, name, number": {
    extension: "txt",
    text: (rows) => lines(rows, ({ index, name }) => `${name.slice(0, 3).toUpperCase()}\t${name}\t${index}`)
  },
  "commas and quotes": {
    extension: "csv",
    text: (rows) => lines(rows, ({ index, name }) => `${index},"${name}"`, ["index,name"])
  },
  semicolons: { extension: "csv", text: (rows) => lines(rows, ({ index, name }) => `${index};${name}`, ["index;name"]) }
}

/** What does not change the meaning of a table. */
const harmless: ReadonlyArray<(random: Random, text: string) => Spoilt<string>> = [
  (_, text) => ({ value: text.replaceAll("\n", "\r\n"), how: ["CRLF"] }),
  (_, text) => ({ value: `\ufeff${text}`, how: ["byte order mark"] }),
  (_, text) => ({ value: `${text}\n\n`, how: ["empty lines at the end"] }),
  (_, text) => ({ value: text.replace(/\n$/, ""), how: ["no line end at the end"] }),
  (_, text) => ({ value: text.replaceAll("\n", "  \n"), how: ["spaces at the line ends"] }),
  (_, text) => ({ value: text, how: [] })
]

interface Table {
  readonly layout: string
  readonly rows: ReadonlyArray<Row>
  readonly text: Spoilt<string>
  readonly isSpoilt: boolean
}

const makeTable = (random: Random): Table => {
  const layout = random.pick(Object.keys(layouts))
  const { text, isList = false } = layouts[layout]!
  const indices = isList || random.chance(0.5) ? [1, 2, 3, 4, 5] : [2, 3, 17, 40, 1001]
  const rows = names.map((name, n) => ({ index: indices[n]!, name }))
  const gentle = random.pick(harmless)(random, text(rows))
  if (random.chance(0.3)) return { layout, rows, text: gentle, isSpoilt: false }
  // Of a list, two changes may add up to another list of as many names, and nobody could tell.
  const spoilt = spoilSome(random, gentle.value, textSpoilers, isList ? 1 : 3)
  return { layout, rows, text: { value: spoilt.value, how: [...gentle.how, ...spoilt.how] }, isSpoilt: true }
}

/** They would break the tables of a run. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u001f]/

/** Whether two texts have so many characters in a row in common. */
const share = (one: string, other: string, count: number): boolean =>
  Array.from({ length: Math.max(0, one.length - count + 1) }, (_, at) => one.slice(at, at + count)).some((run) =>
    other.includes(run)
  )

/** Lines that are not empty, without the blanks around them; several blanks within one count as one. */
const linesOf = (text: string): ReadonlyArray<string> =>
  text
    .replace("\ufeff", "")
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim().replaceAll(/ +/g, " "))
    .filter((line) => line !== "")

/**
 * Whether the text itself says the name, so that it is right however little is left of the parcel's own: the line that the layout has
 * for that number and name is there. Of a list it is the line of that place, and there are as many as parcels; else no other line has
 * that number.
 */
const isSaid = ({ layout, rows, text }: Table, index: number, name: string): boolean => {
  const { text: write, isList = false } = layouts[layout]!
  const written = linesOf(text.value)
  if (isList) {
    const named = written[0] === "Background" ? written.slice(1) : written
    return named.length === rows.length && named[index - 1] === name
  }
  const frame = linesOf(write([]))
  const line = linesOf(write([{ index, name }])).find((each) => !frame.includes(each))!
  // A colour that was spoilt says nothing of whose it is.
  const isLine = (each: string) => each === line || (each.startsWith(`${index} `) && each.endsWith(` ${name}`))
  const others = written.filter((each) => !isLine(each) && !frame.includes(each))
  return written.some(isLine) && !others.some((other) => new RegExp(`\\b${index}\\b`).test(other))
}

/** What is wrong with the names: of a table that was not spoilt they are the names themselves, else what is left of them. */
const wrongName = (table: Table, { parcels }: Parcellation): string | undefined => {
  const { layout, rows, isSpoilt } = table
  if (parcels.length !== rows.length) return `${parcels.length} parcels`
  for (const [n, { index, name }] of parcels.entries()) {
    const row = rows[n]!
    const own = layout === "FreeSurfer's table" ? row.name.replaceAll(/\W+/g, "-") : row.name
    const others = [...names, ...background].filter((other) => other !== row.name)
    const isOwn = share(name, own, 2) && !others.some((other) => share(name, other, 5))
    const isWrong = controlCharacters.test(name) || !(isOwn || isSaid(table, index, name))
    if (index !== row.index || isWrong || (!isSpoilt && name !== own)) {
      return `parcel ${row.index}, ${own}, is number ${index} and called ${JSON.stringify(name)}`
    }
  }
  return undefined
}

describe("spoilt tables of parcel names", () => {
  it(
    "are refused, or give each parcel its own name",
    () =>
      fuzz<Table>({
        quick: 200,
        make: makeTable,
        judge: (table) => {
          const { layout, rows, text } = table
          const values = Float32Array.from({ length: 40 }, (_, n) => rows[n % rows.length]!.index)
          const image = writeFile(join(folder, "atlas.nii"), encodeNifti({ grid, values }))
          const labels = writeFile(join(folder, `labels.${layouts[layout]!.extension}`), text.value)
          return endsWell(loadParcellation({ name: "A", path: image, labels }, target), (parcellation) =>
            wrongName(table, parcellation)
          )
        },
        describe: ({ layout, text }) => `${layout}, ${text.how.join(", ")}: ${JSON.stringify(text.value)}`
      }),
    patience
  )
})
