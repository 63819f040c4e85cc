/** Pictures of slices as figures: the image within the page, where it was cut, and which side is which. */
import { html, type Markup } from "./markup.ts"
import { decimals } from "./numbers.ts"
import type { Direction, SlicePicture } from "./ReportData.ts"

/** The axis along which a direction cuts, and the sides at the left and the right of its pictures. */
const directions: Readonly<Record<Direction, { readonly axis: string; readonly sides: readonly [Side, Side] }>> = {
  sagittal: {
    axis: "x",
    sides: [
      ["P", "back"],
      ["A", "front"]
    ]
  },
  coronal: {
    axis: "y",
    sides: [
      ["L", "left"],
      ["R", "right"]
    ]
  },
  axial: {
    axis: "z",
    sides: [
      ["L", "left"],
      ["R", "right"]
    ]
  }
}

type Side = readonly [letter: string, name: string]

/** Where a slice was cut: "z = 12 mm". */
const cutOf = ({ direction, positionMm }: SlicePicture): string =>
  `${directions[direction].axis} = ${decimals(positionMm, 0)} mm`

/**
 * @param of what the picture shows, for whoever does not see it
 * @param enlarged how many times as large it is shown
 */
export const image = ({ png, width, height, ...slice }: SlicePicture, of: string, enlarged = 1): Markup =>
  html`<img src="${dataUri(png)}" width="${Math.round(width * enlarged)}" height="${Math.round(height * enlarged)}" alt="${of}, ${slice.direction} slice at ${cutOf({ png, width, height, ...slice })}" loading="lazy" decoding="async">`

const sliceFigure = (slice: SlicePicture, of: string, enlarged?: number): Markup => {
  const [left, right] = directions[slice.direction].sides
  return html`<figure class="slice">${image(slice, of, enlarged)}<figcaption>${side(left)}<span>${cutOf(slice)}</span>${side(right)}</figcaption></figure>`
}

/** Small pictures in as many rows as they take. */
export const manySlices = (slices: ReadonlyArray<SlicePicture>, of: string): Markup =>
  html`<div class="many slices">${slices.map((slice) => sliceFigure(slice, of))}</div>`

/** Pictures of the grid of a connectome are some 170 pixels wide: the few of a row are shown larger. */
const enlargement = 2

/** Large pictures in one row, which get smaller together where it is narrow. */
export const sliceRow = (slices: ReadonlyArray<SlicePicture>, of: string, enlarged = enlargement): Markup =>
  html`<div class="slices">${slices.map((slice) => sliceFigure(slice, of, enlarged))}</div>`

export const dataUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64")}`

const side = ([letter, name]: Side): Markup => html`<abbr title="${name}">${letter}</abbr>`
