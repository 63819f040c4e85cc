/** The design of a contrast as a picture and in numbers: a row a patient, a column for the effect and each covariate, as they were entered. */
import type { Colour } from "../colours.ts"
import { encodePng } from "../encodePng.ts"
import type { DesignColumn, DesignMatrix } from "./GroupFindings.ts"
import { type GroupTable, isNumeric, numbersIn } from "./groupTable.ts"

/** Columns that are not of the design. */
const described = new Set(["participant_id", "block"])

/** Pixels of a column's width, and about how many the picture is high. */
export const columnPixels = 28
const highPixels = 280

/** From dark to light; and between columns. */
const greys = 128
const palette: ReadonlyArray<Colour> = [
  [0, 0, 0, 0],
  ...Array.from({ length: greys }, (_, n): Colour => {
    const light = Math.round(30 + (215 * n) / (greys - 1))
    return [light, light, light, 255]
  })
]

/** Undefined where the table has no column of a design. */
export const designMatrix = (table: GroupTable): DesignMatrix | undefined => {
  const names = table.columns.filter((column) => !described.has(column) && isNumeric(table, column))
  if (names.length === 0 || table.rows.length === 0) return undefined
  const columns = names.map((name) => numbersIn(table, name))
  const order = orderOf(table, columns[0]!)
  return {
    patients: order.length,
    columns: columns.map((values, n) => describe(names[n]!, values, columns[0]!)),
    ...draw(columns, order)
  }
}

/** Patients by block, within it by the effect, then as they were. */
const orderOf = ({ rows }: GroupTable, effect: ReadonlyArray<number>): ReadonlyArray<number> =>
  rows
    .map((_, n) => n)
    .sort((a, b) => {
      const byBlock = (rows[a]!.block ?? "").localeCompare(rows[b]!.block ?? "", "en", { numeric: true })
      return byBlock || effect[a]! - effect[b]! || a - b
    })

const describe = (name: string, values: ReadonlyArray<number>, effect: ReadonlyArray<number>): DesignColumn => ({
  name,
  least: Math.min(...values),
  mean: meanOf(values),
  largest: Math.max(...values),
  withEffect: correlation(values, effect)
})

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Pearson's; undefined where one of them is constant. */
const correlation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number | undefined => {
  const [meanA, meanB] = [meanOf(a), meanOf(b)]
  let [product, squaresA, squaresB] = [0, 0, 0]
  for (const [n, value] of a.entries()) {
    product += (value - meanA) * (b[n]! - meanB)
    squaresA += (value - meanA) ** 2
    squaresB += (b[n]! - meanB) ** 2
  }
  return squaresA > 0 && squaresB > 0 ? product / Math.sqrt(squaresA * squaresB) : undefined
}

/** Each column from its least value, dark, to its largest, light; a constant one is in the middle. */
const draw = (
  columns: ReadonlyArray<ReadonlyArray<number>>,
  order: ReadonlyArray<number>
): Pick<DesignMatrix, "png" | "width" | "height"> => {
  const tall = Math.max(1, Math.round(highPixels / order.length))
  const [width, height] = [columns.length * columnPixels, order.length * tall]
  const pixels = new Uint8Array(width * height)
  for (const [c, values] of columns.entries()) {
    const [least, largest] = [Math.min(...values), Math.max(...values)]
    for (let row = 0; row < height; row++) {
      const value = values[order[Math.floor(row / tall)]!]!
      const share = largest > least ? (value - least) / (largest - least) : 0.5
      const grey = Number.isFinite(share) ? 1 + Math.round(share * (greys - 1)) : 0
      pixels.fill(grey, row * width + c * columnPixels, row * width + (c + 1) * columnPixels - 1)
    }
  }
  return { png: encodePng({ pixels, width, height, palette }), width, height }
}
