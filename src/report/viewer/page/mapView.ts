/**
 * The map in NiiVue: a background, the map above it in warm and cool colours, the crosshair, and the lesion's outline on a canvas of its
 * own above. Voxels are shown as they are, without interpolation; left of the brain is on the left.
 */
import { DRAG_MODE, Niivue, NVImage, SHOW_RENDER } from "@niivue/niivue"
import type { StudyIndex, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { drawOutline } from "./drawOutline.ts"
import { fetchBytes } from "./fetchFrom.ts"
import { type MaskImage, middleOf, type Point, readMaskImage } from "./outlines.ts"
import { levelOf, type Scale } from "./scale.ts"

/** Where the crosshair is, and what the map has there. */
export interface Place {
  readonly mm: Point
  /** The voxel of the map, by its own axes. */
  readonly element: number
  readonly level: number
}

export interface MapView {
  /** Resolves with false where something else was asked for meanwhile. */
  readonly show: (entry: ViewedEntry, statistic: ViewedStatistic, background: string) => Promise<boolean>
  /** The levels of the map that is shown. */
  readonly values: () => Float32Array
  readonly setScale: (scale: Scale) => void
  /** The lesion that the map is of, if it is of one. */
  readonly setLesion: (address: string | undefined) => Promise<void>
  readonly showOutline: (wanted: boolean) => void
  readonly move: (x: number, y: number, z: number) => void
  readonly moveToPeak: () => void
  /** As soon as the lesion is there. */
  readonly moveToLesion: () => Promise<void>
  readonly onLocation: (listen: (place: Place) => void) => void
}

const options = {
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
} as const

/** A colour map as NiiVue has it, of colours that are evenly apart; its first entry is for what lies below the threshold. */
const colourMapOf = (colours: ReadonlyArray<string>) => {
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
const justBelow = (threshold: number): number => threshold - Math.abs(threshold) * 2 ** -22

/** Whether a background is the brain mask in greys, which are meant as they are; other images have a range of their own. */
const isMadeOfMask = (address: string): boolean => address.startsWith("/masks/")

const load = async (address: string): Promise<NVImage> =>
  NVImage.loadFromUrl({ url: await fetchBytes(address), name: address.slice(1) })

const maskAt = async (address: string | undefined): Promise<MaskImage | undefined> =>
  address === undefined ? undefined : readMaskImage(await fetchBytes(address))

/** Which element of the stored volume a voxel of the turned one is: NiiVue counts voxels from the left, back and bottom. */
const elementOf = ({ img2RASstart, img2RASstep }: NVImage, voxel: ArrayLike<number>): number =>
  [0, 1, 2].reduce((sum, axis) => sum + img2RASstart![axis]! + img2RASstep![axis]! * voxel[axis]!, 0)

export const makeMapView = async (colours: StudyIndex["colours"]): Promise<MapView> => {
  const niivue = new Niivue({
    ...options,
    crosshairColor: [...options.crosshairColor],
    fontColor: [...options.fontColor]
  })
  niivue.addColormap("lnm-positive", colourMapOf(colours.positive))
  niivue.addColormap("lnm-negative", colourMapOf(colours.negative))
  await niivue.attachToCanvas(byId("map", HTMLCanvasElement))
  let [background, map]: [NVImage | undefined, NVImage | undefined] = [undefined, undefined]
  let backgroundAddress = ""
  let asked = 0
  let lesion: { readonly address: string | undefined; readonly mask: Promise<MaskImage | undefined> } | undefined
  let [outlined, showsOutline]: [MaskImage | undefined, boolean] = [undefined, true]
  let listen: (place: Place) => void = () => {}

  const drawScene = niivue.drawScene.bind(niivue)
  niivue.drawScene = () => {
    const drawn = drawScene()
    drawOutline(niivue, showsOutline ? outlined : undefined)
    return drawn
  }
  const tellPlace = (): void => {
    if (map === undefined) return
    const [x, y, z] = niivue.frac2mm(niivue.scene.crosshairPos, 0, true)
    const element = elementOf(map, map.mm2vox([x!, y!, z!]))
    listen({ mm: [x!, y!, z!], element, level: levels()[element] ?? Number.NaN })
  }
  niivue.onLocationChange = tellPlace
  const levels = (): Float32Array => map!.img as Float32Array
  const moveTo = (mm: Point): void => {
    niivue.scene.crosshairPos = niivue.mm2frac([...mm])
    niivue.createOnLocationChange()
    niivue.drawScene()
  }
  const moveToPeak = (): void => {
    if (map === undefined) return
    let peak = 0
    const values = levels()
    for (let n = 0; n < values.length; n++) if (Math.abs(values[n]!) > Math.abs(values[peak]!)) peak = n
    moveTo(millimetresOf(map, peak))
  }
  return {
    show: async (entry, statistic, wanted) => {
      const mine = ++asked
      const [below, above] = await Promise.all([
        wanted === backgroundAddress ? background! : load(wanted),
        load(entry.maps[statistic.name]!)
      ])
      if (mine !== asked) return false
      above.img = Float32Array.from(above.img!, (value) => levelOf(statistic.kind, value))
      above.colormap = "lnm-positive"
      above.colormapNegative = "lnm-negative"
      const isFirst = map === undefined
      for (const volume of [...niivue.volumes]) if (volume !== below) niivue.removeVolume(volume)
      if (below !== background) {
        if (isMadeOfMask(wanted)) [below.cal_min, below.cal_max] = [0, 255]
        niivue.addVolume(below)
      }
      niivue.addVolume(above)
      ;[background, map, backgroundAddress] = [below, above, wanted]
      if (isFirst) moveToPeak()
      tellPlace()
      return true
    },
    values: levels,
    setScale: ({ threshold, limit }) => {
      if (map === undefined) return
      map.cal_min = justBelow(threshold)
      map.cal_max = limit
      niivue.updateGLVolume()
    },
    setLesion: async (address) => {
      if (lesion !== undefined && lesion.address === address) return
      outlined = undefined
      const mine = { address, mask: maskAt(address) }
      lesion = mine
      const mask = await mine.mask
      if (lesion !== mine) return
      outlined = mask
      niivue.drawScene()
    },
    showOutline: (wanted) => {
      showsOutline = wanted
      niivue.drawScene()
    },
    move: (x, y, z) => niivue.moveCrosshairInVox(x, y, z),
    moveToPeak,
    moveToLesion: async () => {
      const mask = await lesion?.mask
      const middle = mask === undefined ? undefined : middleOf(mask)
      if (middle !== undefined) moveTo(middle)
    },
    onLocation: (listener) => {
      listen = listener
    }
  }
}

/** Where an element of a stored volume lies. */
const millimetresOf = ({ hdr }: NVImage, element: number): [number, number, number] => {
  const [nx, ny] = [hdr!.dims[1]!, hdr!.dims[2]!]
  const [i, row] = [element % nx, Math.floor(element / nx)]
  const [j, k] = [row % ny, Math.floor(row / ny)]
  const along = (axis: number): number => {
    const [a, b, c, d] = hdr!.affine[axis]!
    return a! * i + b! * j + c! * k + d!
  }
  return [along(0), along(1), along(2)]
}
