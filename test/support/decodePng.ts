/** Decodes a PNG of indexed colours, whose rows are not filtered, by the specification and nothing of the package. */
import { crc32, inflateSync } from "node:zlib"

export interface DecodedPng {
  readonly width: number
  readonly height: number
  /** Positions in the palette. */
  readonly pixels: Uint8Array
  /** Red, green, blue, opacity. */
  readonly palette: ReadonlyArray<ReadonlyArray<number>>
  readonly texts: ReadonlyArray<string>
}

export const decodePng = (png: Uint8Array): DecodedPng => {
  const file = Buffer.from(png)
  if (file.toString("latin1", 0, 8) !== "\x89PNG\r\n\x1a\n") throw new Error("no PNG")
  const chunks: Array<readonly [type: string, content: Buffer]> = []
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at)
    const end = at + 8 + length
    if (crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) throw new Error("damaged chunk")
    chunks.push([file.toString("latin1", at + 4, at + 8), file.subarray(at + 8, end)])
    at = end + 4
  }
  const contents = (type: string) => chunks.flatMap(([name, content]) => (name === type ? [content] : []))
  const [header] = contents("IHDR")
  const [width, height] = [header!.readUInt32BE(0), header!.readUInt32BE(4)]
  const [colours] = contents("PLTE")
  const opacities = contents("tRNS")[0] ?? Buffer.alloc(0)
  const rows = inflateSync(Buffer.concat(contents("IDAT")))
  if (rows.length !== (width + 1) * height) throw new Error("rows of another length")
  const pixels = new Uint8Array(width * height)
  for (let row = 0; row < height; row++) {
    if (rows[row * (width + 1)] !== 0) throw new Error("a filtered row")
    pixels.set(rows.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)), row * width)
  }
  return {
    width,
    height,
    pixels,
    palette: Array.from({ length: colours!.length / 3 }, (_, n) => [
      ...colours!.subarray(3 * n, 3 * n + 3),
      opacities[n] ?? 255
    ]),
    texts: contents("tEXt").map((content) => content.toString("latin1"))
  }
}
