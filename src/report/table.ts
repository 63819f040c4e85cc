/** Tables of the report: heads with their scope, numbers to the right, and a frame that scrolls where a screen is narrow. */
import { type Child, html, type Markup } from "./markup.ts"

export interface Column<Row> {
  readonly head: string
  /** Whether it holds numbers, which are set to the right. */
  readonly numeric?: boolean
  readonly cell: (row: Row, index: number) => Child
  /** What the column is sorted by; undefined comes last. Left out: it is not sorted. */
  readonly sortsBy?: (row: Row) => string | number | undefined
}

export interface TableOptions<Row> {
  /** What the table is, for its caption. */
  readonly caption: string
  readonly id?: string
  /** Whether the caption is for those alone who do not see the heading above it. */
  readonly hidesCaption?: boolean
  /** Attributes of a row, from `html`. */
  readonly rowAttributes?: (row: Row, index: number) => Markup
}

/** The first column heads its row. */
export const table = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  { caption, id, hidesCaption = true, rowAttributes }: TableOptions<Row>
): Markup => html`<div class="table-frame" role="region" aria-label="${caption}" tabindex="0"><table${id === undefined ? undefined : html` id="${id}"`}>
<caption${hidesCaption ? html` class="unseen"` : undefined}>${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>
${rows.map((row, n) => html`<tr${rowAttributes?.(row, n)}>${columns.map((column, at) => cellOf(column, row, n, at === 0))}</tr>\n`)}</tbody></table></div>`

const headOf = <Row>({ head, numeric, sortsBy }: Column<Row>): Markup =>
  html`<th scope="col"${numeric === true ? html` class="number"` : undefined}${sortsBy === undefined ? undefined : html` data-sorts`}>${head}</th>`

const cellOf = <Row>({ numeric, cell, sortsBy }: Column<Row>, row: Row, index: number, first: boolean): Markup => {
  const key = sortsBy?.(row)
  const attributes = html`${numeric === true ? html` class="number"` : undefined}${key === undefined ? undefined : html` data-key="${key}"`}`
  return first
    ? html`<th scope="row"${attributes}>${cell(row, index)}</th>`
    : html`<td${attributes}>${cell(row, index)}</td>`
}
