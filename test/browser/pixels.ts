/** The pixels that a person sees of a page, or of a part of it, to be counted. */
import { inflateSync } from "node:zlib"
import type { Locator, Page } from "playwright-core"

export interface Pixels {
  readonly width: number
  readonly height: number
  /** Shape: (height, width, 3): red, green and blue, from the top left. */
  readonly rgb: Uint8Array
}

/** A screenshot of what is in the window, or of one element. */
export const pixelsOf = async (seen: Page | Locator): Promise<Pixels> => decodePng(await seen.screenshot())

/** How many pixels fulfil a condition, of a part of the picture: columns from `left` up to but without `right`, as shares of the width. */
export const countPixels = (
  { width, height, rgb }: Pixels,
  condition: (red: number, green: number, blue: number) => boolean,
  { left = 0, right = 1 }: { readonly left?: number; readonly right?: number } = {}
): number => {
  let count = 0
  for (let y = 0; y < height; y++) {
    for (let x = Math.round(left * width); x < Math.round(right * width); x++) {
      const at = 3 * (y * width + x)
      if (condition(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)) count++
    }
  }
  return count
}

/** Whether a pixel has a colour, and is no grey: its channels differ by more than rounding and blending explain. */
export const isColoured = (red: number, green: number, blue: number): boolean =>
  Math.max(red, green, blue) - Math.min(red, green, blue) > 40

const signatureBytes = 8

/** Numbers of channels by the PNG's colour type: those that screenshots and our own pictures have. */
const channelsOf: Readonly<Record<number, number>> = { 2: 3, 6: 4 }

interface Chunks {
  readonly header: Buffer
  readonly palette: Buffer | undefined
  readonly data: Buffer
}

const chunksOf = (png: Buffer): Chunks => {
  const data: Array<Buffer> = []
  let header: Buffer = Buffer.alloc(0)
  let palette: Buffer | undefined
  for (let at = signatureBytes; at < png.length; ) {
    const bytes = png.readUInt32BE(at)
    const type = png.toString("latin1", at + 4, at + 8)
    const content = png.subarray(at + 8, at + 8 + bytes)
    if (type === "IHDR") header = content
    if (type === "PLTE") palette = content
    if (type === "IDAT") data.push(content)
    at += 12 + bytes
  }
  return { header, palette, data: inflateSync(Buffer.concat(data)) }
}

/** The predictor of the PNG filter "Paeth". */
const paeth = (left: number, above: number, corner: number): number => {
  const estimate = left + above - corner
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - above), Math.abs(estimate - corner)]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

/** Undoes the filters of rows of bytes, each row with its filter before it. Source: PNG specification, 9.2 */
const unfilter = (data: Buffer, height: number, rowBytes: number, step: number): Uint8Array => {
  const rows = new Uint8Array(height * rowBytes)
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)]!
    for (let n = 0; n < rowBytes; n++) {
      const at = y * rowBytes + n
      const left = n < step ? 0 : rows[at - step]!
      const above = y === 0 ? 0 : rows[at - rowBytes]!
      const corner = n < step || y === 0 ? 0 : rows[at - rowBytes - step]!
      const predictor = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!
      rows[at] = data[y * (rowBytes + 1) + 1 + n]! + predictor
    }
  }
  return rows
}

/** Decodes a PNG of 8 bits a channel, in true colour or with a palette, not interlaced. */
export const decodePng = (png: Buffer): Pixels => {
  const { header, palette, data } = chunksOf(png)
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = palette === undefined ? channelsOf[header[9]!] : 1
  if (header[8] !== 8 || channels === undefined || header[12] !== 0) {
    throw new Error("a PNG of another kind than screenshots are")
  }
  const rows = unfilter(data, height, width * channels, channels)
  const rgb = new Uint8Array(3 * width * height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = palette === undefined ? rows.subarray(pixel * channels) : palette.subarray(3 * rows[pixel]!)
    rgb.set(colour.subarray(0, 3), 3 * pixel)
  }
  return { width, height, rgb }
}
