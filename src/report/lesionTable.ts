/** The table of all lesions: a row a lesion, sorted and filtered by the page's script. A column of which nothing is known is left out. */
import { html, type Markup } from "./markup.ts"
import { count, decimals, percent, significant } from "./numbers.ts"
import { type ShownLesion, summaryNumber } from "./ReportedRun.ts"
import { type Column, table } from "./table.ts"

const ofNumber = (
  head: string,
  numberOf: (lesion: ShownLesion) => number | undefined | null,
  show: (value: number) => string
): Column<ShownLesion> => {
  const known = (lesion: ShownLesion): number | undefined => numberOf(lesion) ?? undefined
  const cell = (lesion: ShownLesion): string => {
    const value = known(lesion)
    return value === undefined ? "n/a" : show(value)
  }
  return { head, numeric: true, cell, sortsBy: known }
}

const ofSummary = (head: string, column: string, show: (value: number) => string): Column<ShownLesion> =>
  ofNumber(head, (lesion) => summaryNumber(lesion, column), show)

const columns: ReadonlyArray<Column<ShownLesion>> = [
  {
    head: "Lesion",
    cell: ({ name, anchor }) => html`<a href="#${anchor}">${name}</a>`,
    sortsBy: ({ name }) => name
  },
  ofSummary("Volume (mL)", "volume_ml", (value) => significant(value)),
  ofNumber("In the mask", ({ shareInMask }) => shareInMask, percent),
  ofSummary("Largest t", "t_max", (value) => decimals(value, 1)),
  ofSummary("Least t", "t_min", (value) => decimals(value, 1)),
  ofSummary("Largest r", "r_max", (value) => decimals(value, 2)),
  ofSummary("Significant", "significant_percent", (value) => percent(value / 100)),
  ofNumber("Clusters", ({ clusterCount }) => clusterCount, count),
  ofNumber(
    "Like the mean",
    ({ similarityToMean }) => similarityToMean,
    (value) => decimals(value, 2)
  ),
  ofNumber(
    "Like the degree",
    ({ similarityToDegree }) => similarityToDegree,
    (value) => decimals(value, 2)
  )
]

export const lesionTable = (lesions: ReadonlyArray<ShownLesion>): Markup =>
  table(
    columns.filter(({ sortsBy }) => lesions.some((lesion) => sortsBy?.(lesion) !== undefined)),
    lesions,
    {
      caption: "All lesions in numbers",
      id: "lesion-table",
      rowAttributes: ({ name }) => html` data-name="${name}"`
    }
  )
