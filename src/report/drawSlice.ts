/**
 * Draws a slice of a map over the background: where the map is beyond the threshold its colour, elsewhere the background's grey, and the outline
 * of the lesion on top. Free of Effect, for workers.
 */
import { armColours, palette, paletteIndex } from "./colours.ts"
import { encodePng } from "./encodePng.ts"
import type { SlicePicture } from "./ReportData.ts"
import type { SliceView } from "./sliceGeometry.ts"

export interface SliceContent {
  /** Shape: (voxels of the grid) each. */
  readonly values: Float32Array
  /** Greys from 1 on; 0 is outside of the head. */
  readonly background: Uint8Array
  /** 1 in the lesion; undefined: there is nothing to outline. */
  readonly lesion: Uint8Array | undefined
  readonly threshold: number
  readonly limit: number
}

/** Position in the palette of a value beyond the threshold; 0 where it is not. */
const colourOf = (value: number, threshold: number, limit: number): number => {
  const strength = value < 0 ? -value : value
  if (!(strength >= threshold)) return 0
  const share = limit > threshold ? (strength - threshold) / (limit - threshold) : 1
  const level = share >= 1 ? armColours - 1 : Math.floor(share * armColours)
  return (value < 0 ? paletteIndex.firstNegative : paletteIndex.firstPositive) + level
}

const fillPixels = ({ start, columns, rows }: SliceView, content: SliceContent, pixels: Uint8Array): void => {
  const { values, background, threshold, limit } = content
  const width = columns.length
  for (let row = 0; row < rows.length; row++) {
    const at = row * width
    if (row > 0 && rows[row] === rows[row - 1]) {
      pixels.copyWithin(at, at - width, at)
      continue
    }
    for (let column = 0; column < width; column++) {
      if (column > 0 && columns[column] === columns[column - 1]) {
        pixels[at + column] = pixels[at + column - 1]!
        continue
      }
      const element = start + rows[row]! + columns[column]!
      const grey = background[element]!
      pixels[at + column] =
        colourOf(values[element]!, threshold, limit) ||
        (grey === 0 ? paletteIndex.outside : paletteIndex.firstGrey + grey - 1)
    }
  }
}

/** White on the lesion's outermost pixels, black around them, so that it is seen on any colour. */
const drawOutline = ({ start, columns, rows }: SliceView, lesion: Uint8Array, pixels: Uint8Array): void => {
  const width = columns.length
  const height = rows.length
  const isOnPicture = (column: number, row: number): boolean =>
    column >= 0 && column < width && row >= 0 && row < height
  for (let row = 0; row < height; row++) {
    const first = start + rows[row]!
    for (let column = 0; column < width; column++) {
      // Of most slices no pixel comes further.
      if (lesion[first + columns[column]!] === 0) continue
      let isEdge = false
      for (const [dx, dy] of besides) {
        const [x, y] = [column + dx, row + dy]
        const onPicture = isOnPicture(x, y)
        if (onPicture && lesion[start + rows[y]! + columns[x]!] === 1) continue
        isEdge = true
        if (onPicture) pixels[y * width + x] = paletteIndex.outlineEdge
      }
      if (isEdge) pixels[row * width + column] = paletteIndex.outline
    }
  }
}

const besides = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1]
] as const

/** The slice as a PNG of indexed colours. */
export const drawSlice = (view: SliceView, content: SliceContent): SlicePicture => {
  const { direction, positionMm, columns, rows } = view
  const [width, height] = [columns.length, rows.length]
  const pixels = new Uint8Array(width * height)
  fillPixels(view, content, pixels)
  if (content.lesion !== undefined) drawOutline(view, content.lesion, pixels)
  return { direction, positionMm, png: encodePng({ pixels, width, height, palette }), width, height }
}
