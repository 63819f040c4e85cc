/** How NiiVue is to look and count: its options, colour maps and thresholds, and which voxel of a stored volume is where. */
import { DRAG_MODE, type NVConfigOptions, type NVImage, SHOW_RENDER } from "@niivue/niivue"

export const options: Partial<NVConfigOptions> = {
  isNearestInterpolation: true,
  multiplanarShowRender: SHOW_RENDER.NEVER,
  dragMode: DRAG_MODE.pan,
  dragAndDropEnabled: false,
  crosshairColor: [0.45, 0.9, 0.55, 0.9],
  crosshairWidth: 1,
  crosshairWidthUnit: "mm",
  crosshairGap: 6,
  fontColor: [0.9, 0.9, 0.9, 1],
  loadingText: "",
  logLevel: "error",
  // Keys are the page's own.
  viewModeHotKey: "",
  clipPlaneHotKey: "",
  cycleClipPlaneHotKey: ""
}

/** A colour map as NiiVue has it, of colours that are evenly apart; its first entry is for what lies below the threshold. */
export const colourMapOf = (colours: ReadonlyArray<string>) => {
  const all = [colours[0]!, ...colours]
  const part = (at: number) => all.map((colour) => Number.parseInt(colour.slice(at, at + 2), 16))
  return {
    R: part(1),
    G: part(3),
    B: part(5),
    A: all.map((_, n) => (n === 0 ? 0 : 255)),
    I: all.map((_, n) => (n === 0 ? 0 : 1 + Math.round((254 * (n - 1)) / (colours.length - 1))))
  }
}

/** NiiVue shows what lies above the threshold; a value that is the threshold itself, in float32, is to be shown too. */
export const justBelow = (threshold: number): number => threshold - Math.abs(threshold) * 2 ** -22

/** Which element of the stored volume a voxel of the turned one is: NiiVue counts voxels from the left, back and bottom. */
export const elementOf = ({ img2RASstart, img2RASstep }: NVImage, voxel: ArrayLike<number>): number =>
  [0, 1, 2].reduce((sum, axis) => sum + img2RASstart![axis]! + img2RASstep![axis]! * voxel[axis]!, 0)

/** Where an element of a stored volume lies. */
export const millimetresOf = ({ hdr }: NVImage, element: number): [number, number, number] => {
  const [nx, ny] = [hdr!.dims[1]!, hdr!.dims[2]!]
  const [i, row] = [element % nx, Math.floor(element / nx)]
  const [j, k] = [row % ny, Math.floor(row / ny)]
  const along = (axis: number): number => {
    const [a, b, c, d] = hdr!.affine[axis]!
    return a! * i + b! * j + c! * k + d!
  }
  return [along(0), along(1), along(2)]
}
