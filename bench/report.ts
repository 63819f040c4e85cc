/**
 * What a benchmark says: tables and targets, as text for the terminal and as Markdown for docs/performance.md. Nothing
 * is rounded before it is compared with a target.
 */

export interface Target {
  /** What must hold, in words that end before the number. */
  readonly what: string
  readonly measured: number
  readonly bound: "at least" | "at most"
  readonly required: number
  readonly aim?: number
  readonly unit?: string
  readonly digits?: number
  /** The rate at which this was reached, as shares of the processor's peak at each width. */
  readonly ofPeak?: string
  /** Whether it is about results, not about speed or memory: not met, it is an error. */
  readonly aboutResults?: boolean
}

export interface Section {
  readonly title: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  readonly notes: ReadonlyArray<string>
  readonly targets: ReadonlyArray<Target>
  /** All measurements, for the JSON file. */
  readonly raw: unknown
}

/** A section as it is kept from run to run. */
export interface KeptSection extends Section {
  /** ISO date. */
  readonly measuredOn: string
}

export interface Results {
  readonly machine: ReadonlyArray<readonly [string, string]>
  readonly sections: Readonly<Record<string, KeptSection>>
}

const holds = ({ measured, bound }: Target, limit: number): boolean =>
  bound === "at least" ? measured >= limit : measured <= limit

export const isMet = (target: Target): boolean => holds(target, target.required)

const verdict = (target: Target): string =>
  !isMet(target) ? "not met" : target.aim !== undefined && holds(target, target.aim) ? "met, aim too" : "met"

const targetColumns = ["target", "required", "aim", "measured", "of the peak at each width", ""]

const targetRow = (target: Target): ReadonlyArray<string> => {
  const { what, bound, required, aim, unit = "", digits = 2, ofPeak = "" } = target
  const short = (value: number) => `${Number(value.toFixed(digits))}${unit}`
  return [
    what,
    `${bound} ${short(required)}`,
    aim === undefined ? "" : short(aim),
    `${target.measured.toFixed(digits)}${unit}`,
    ofPeak,
    verdict(target)
  ]
}

export const textTable = (columns: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd()
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

const markdownTable = (columns: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n")
}

export const formatSection = ({ title, columns, rows, notes, targets }: Section): string =>
  [
    `\n${title}\n`,
    textTable(columns, rows),
    ...notes.map((note) => `  ${note}`),
    ...(targets.length > 0 ? ["", textTable(targetColumns, targets.map(targetRow))] : [])
  ].join("\n")

export const formatMachine = (machine: Results["machine"]): string =>
  machine.map(([what, value]) => `${what.padEnd(16)}${value}`).join("\n")

/** All that the benchmark writes into docs/performance.md, between its markers. */
export const formatMarkdown = ({ machine, sections }: Results): string => {
  const all = Object.values(sections)
  const targets = all.flatMap((section) => section.targets.map(targetRow))
  return [
    "### Targets",
    markdownTable(targetColumns, targets),
    "### The machine",
    markdownTable(["", ""], machine),
    ...all.flatMap(({ title, measuredOn, columns, rows, notes }) => [
      `### ${title}`,
      markdownTable(columns, rows),
      [...notes, `Measured on ${measuredOn}.`].join("\n")
    ])
  ].join("\n\n")
}

const markers = ["<!-- npm run bench writes from here -->", "<!-- to here -->"] as const

/** The document with what stands between the markers replaced. */
export const replaceBetweenMarkers = (document: string, text: string): string => {
  const [begin, end] = markers.map((marker) => document.indexOf(marker)) as [number, number]
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks its markers ${markers.join(" and ")}`)
  return `${document.slice(0, begin + markers[0].length)}\n\n${text}\n\n${document.slice(end)}`
}
