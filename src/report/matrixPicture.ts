/** The seed-to-seed matrix as a picture, read from the table that the run has written: a square for each pair, in the colours of slices. */
import path from "node:path"
import { readRegularFile } from "../files/readRegularFile.ts"
import { armColours, palette, paletteIndex } from "./colours.ts"
import { encodePng } from "./encodePng.ts"

export interface MatrixPicture {
  readonly png: Uint8Array
  readonly names: ReadonlyArray<string>
  /** |r| at full colour. */
  readonly limit: number
}

/** Pixels along a side that the picture has about, and the most for one pair. */
const sidePixels = 600
const mostPixelsOfPair = 24

/** Lesions beyond which a square would be no pixel wide on any screen. */
export const mostRows = 2000

/** A row of 2,000 numbers of 10 characters, 2,000 times. */
const mostTableBytes = 64 * 2 ** 20

/** The table of r; undefined where there is none. Rejects where it is there and is no such table. */
export const readMatrix = async (folder: string, method: string): Promise<SeedMatrix | undefined> => {
  const file = path.join(folder, `desc-${method}_stat-r_relmat.tsv`)
  const bytes = await readRegularFile(file, mostTableBytes).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined
    throw cause
  })
  return bytes === undefined ? undefined : parseMatrix(bytes.toString())
}

export interface SeedMatrix {
  readonly names: ReadonlyArray<string>
  /** Shape: (lesions, lesions); NaN where it is not known. */
  readonly values: Float32Array
}

export const parseMatrix = (text: string): SeedMatrix => {
  const [header, ...rows] = text.trimEnd().split("\n")
  const names = header!.split("\t").slice(1)
  const values = Float32Array.from(
    rows.flatMap((row) =>
      row
        .split("\t")
        .slice(1)
        .map((cell) => (cell === "n/a" ? Number.NaN : Number(cell)))
    )
  )
  if (names.length === 0 || values.length !== names.length ** 2) {
    throw new Error(`it has ${values.length} numbers for ${names.length} lesions`)
  }
  return { names, values }
}

/** Full colour is the largest |r| off the diagonal, on which every lesion has r = 1 with itself. */
export const drawMatrix = ({ names, values }: SeedMatrix): MatrixPicture => {
  const size = names.length
  const limit = largestOffDiagonal(values, size)
  const scale = Math.max(1, Math.min(mostPixelsOfPair, Math.floor(sidePixels / size)))
  const side = size * scale
  const pixels = new Uint8Array(side * side)
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const value = values[Math.floor(row / scale) * size + Math.floor(column / scale)]!
      pixels[row * side + column] = colourOf(value, limit)
    }
  }
  return { png: encodePng({ pixels, width: side, height: side, palette }), names, limit }
}

const largestOffDiagonal = (values: Float32Array, size: number): number => {
  let largest = 0
  for (let n = 0; n < values.length; n++) {
    if (n % (size + 1) !== 0 && Math.abs(values[n]!) > largest) largest = Math.abs(values[n]!)
  }
  return largest > 0 ? largest : 1
}

/** Share of the largest |r| below which a square is grey. */
const least = 0.02

const colourOf = (value: number, limit: number): number => {
  const strength = Math.abs(value) / limit
  if (Number.isNaN(value)) return paletteIndex.outside
  if (strength < least) return paletteIndex.firstGrey
  const level = Math.min(armColours - 1, Math.floor(strength * armColours))
  return (value < 0 ? paletteIndex.firstNegative : paletteIndex.firstPositive) + level
}
