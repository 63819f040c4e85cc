/** Draws the lesion's outline over the slices that NiiVue has drawn: white with a dark edge, seen on any colour. */
import type { Niivue } from "@niivue/niivue"
import { byId } from "./byId.ts"
import { type MaskImage, outlineIn, type Point } from "./outlines.ts"

/** NiiVue's numbers of the slices' directions, by the axis of space across them. */
const axisAcross: ReadonlyArray<number> = [2, 1, 0]

/** Axes of space along the width and the height of a slice, by the axis across it. */
const axesOfSlice = [
  [1, 2],
  [0, 2],
  [0, 1]
] as const

type Tile = Niivue["screenSlices"][number]

/** Where a place lies on the canvas, in its pixels. */
const onCanvas = (niivue: Niivue, { leftTopWidthHeight, leftTopMM, fovMM }: Tile, axis: number, place: Point) => {
  const [left, top, width, height] = leftTopWidthHeight as [number, number, number, number]
  const fraction = niivue.mm2frac([...place], 0, true)
  const ortho = niivue.volumes[0]!.frac2mmOrtho!
  const along = (n: number): number =>
    ortho[n]! * fraction[0]! + ortho[4 + n]! * fraction[1]! + ortho[8 + n]! * fraction[2]! + ortho[12 + n]!
  const [across, up] = axesOfSlice[axis]!
  return [
    left + ((along(across) - leftTopMM[0]!) / fovMM[0]!) * width,
    top + height - ((along(up) - leftTopMM[1]!) / fovMM[1]!) * height
  ] as const
}

const pathOf = (niivue: Niivue, mask: MaskImage, place: Point): Path2D => {
  const path = new Path2D()
  for (const tile of niivue.screenSlices) {
    const axis = axisAcross[tile.axCorSag]
    if (axis === undefined) continue
    for (const [from, to] of outlineIn(mask, axis, place)) {
      path.moveTo(...onCanvas(niivue, tile, axis, from))
      path.lineTo(...onCanvas(niivue, tile, axis, to))
    }
  }
  return path
}

export const drawOutline = (niivue: Niivue, mask: MaskImage | undefined): void => {
  const canvas = byId("outline", HTMLCanvasElement)
  const drawn = niivue.canvas!
  if (canvas.width !== drawn.width || canvas.height !== drawn.height) {
    canvas.width = drawn.width
    canvas.height = drawn.height
  }
  const context = canvas.getContext("2d")!
  context.clearRect(0, 0, canvas.width, canvas.height)
  if (mask === undefined || niivue.volumes.length === 0) return
  const [x, y, z] = niivue.frac2mm(niivue.scene.crosshairPos, 0, true)
  const path = pathOf(niivue, mask, [x!, y!, z!])
  const pixel = canvas.width / Math.max(1, canvas.clientWidth)
  context.lineCap = "square"
  for (const [colour, width] of [
    ["#000", 4],
    ["#fff", 2]
  ] as const) {
    context.strokeStyle = colour
    context.lineWidth = width * pixel
    context.stroke(path)
  }
}
