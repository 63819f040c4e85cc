/** Draws the lesion's outline over the slices that NiiVue has drawn: white with a dark edge, seen on any colour. */
import type { Niivue } from "@niivue/niivue"
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

/** The edges in all slices through a place, as the path of an SVG. */
const pathOf = (niivue: Niivue, mask: MaskImage, place: Point): string =>
  niivue.screenSlices
    .flatMap((tile) => {
      const axis = axisAcross[tile.axCorSag]
      if (axis === undefined) return []
      return outlineIn(mask, axis, place).map((edge) => {
        const [from, to] = edge.map((end) => onCanvas(niivue, tile, axis, end).map((part) => part.toFixed(1)))
        return `M${from}L${to}`
      })
    })
    .join("")

export const drawOutline = (niivue: Niivue, mask: MaskImage | undefined): void => {
  const picture = document.querySelector("#outline")!
  const { width, height } = niivue.canvas!
  const isShown = mask !== undefined && niivue.volumes.length > 0
  const [x, y, z] = isShown ? niivue.frac2mm(niivue.scene.crosshairPos, 0, true) : []
  const path = isShown ? pathOf(niivue, mask, [x!, y!, z!]) : ""
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`)
  for (const line of picture.querySelectorAll("path")) line.setAttribute("d", path)
}
