/**
 * The map in NiiVue: a background, the map above it in warm and cool colours, the crosshair, and the lesion's outline. Voxels are shown as
 * they are, without interpolation; left of the brain is on the left.
 */
import { Niivue, NVImage } from "@niivue/niivue"
import type { StudyIndex, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { fetchBytes } from "./fetchFrom.ts"
import { type LesionLayer, makeLesionLayer } from "./lesionLayer.ts"
import { colourMapOf, elementOf, justBelow, millimetresOf, options } from "./mapLook.ts"
import type { Point } from "./outlines.ts"
import { levelOf, type Scale } from "./scale.ts"

/** Where the crosshair is, and what the map has there. */
export interface Place {
  readonly mm: Point
  /** The voxel of the map, by its own axes. */
  readonly element: number
  readonly level: number
}

export interface MapView extends Pick<LesionLayer, "setLesion" | "showOutline"> {
  /**
   * Gives the levels of the map once it is shown; undefined where something else was asked for meanwhile. Fails where it cannot be had;
   * then no map is shown.
   */
  readonly show: (
    entry: ViewedEntry,
    statistic: ViewedStatistic,
    background: string
  ) => Promise<Float32Array | undefined>
  readonly setScale: (scale: Scale) => void
  readonly move: (x: number, y: number, z: number) => void
  readonly moveToPeak: () => void
  readonly moveToLesion: () => Promise<void>
  readonly onLocation: (listen: (place: Place) => void) => void
}

const attachNiivue = async (colours: StudyIndex["colours"]): Promise<Niivue> => {
  const niivue = new Niivue(options)
  niivue.addColormap("lnm-positive", colourMapOf(colours.positive))
  niivue.addColormap("lnm-negative", colourMapOf(colours.negative))
  await niivue.attachToCanvas(byId("map", HTMLCanvasElement))
  return niivue
}

const load = async (address: string): Promise<NVImage> =>
  NVImage.loadFromUrl({ url: await fetchBytes(address), name: address.slice(1) })

const loadMap = async (address: string, { kind }: ViewedStatistic): Promise<NVImage> => {
  const map = await load(address)
  map.img = Float32Array.from(map.img!, (value) => levelOf(kind, value))
  map.colormap = "lnm-positive"
  map.colormapNegative = "lnm-negative"
  return map
}

/** The brain mask in greys is meant as it is; other images have a range of their own. */
const loadBackground = async (address: string): Promise<NVImage> => {
  const background = await load(address)
  if (address.startsWith("/masks/")) [background.cal_min, background.cal_max] = [0, 255]
  return background
}

const levelsOf = (map: NVImage): Float32Array => map.img as Float32Array

/** The place of the level that is farthest from 0. */
const peakOf = (map: NVImage): Point => {
  const levels = levelsOf(map)
  let peak = 0
  for (let n = 0; n < levels.length; n++) if (Math.abs(levels[n]!) > Math.abs(levels[peak]!)) peak = n
  return millimetresOf(map, peak)
}

/** Background and map in NiiVue, of which only what has changed is loaded. */
const makeLayers = (niivue: Niivue) => {
  let background: { readonly address: string; readonly image: NVImage } | undefined
  let map: NVImage | undefined
  let asked = 0
  const removeAllBut = (kept: NVImage | undefined): void => {
    for (const volume of [...niivue.volumes]) if (volume !== kept) niivue.removeVolume(volume)
  }
  const put = (below: NVImage, above: NVImage, address: string): void => {
    removeAllBut(below)
    if (!niivue.volumes.includes(below)) niivue.addVolume(below)
    niivue.addVolume(above)
    background = { address, image: below }
    map = above
  }
  const show: MapView["show"] = async (entry, statistic, address) => {
    const mine = ++asked
    const below = background?.address === address ? background.image : loadBackground(address)
    const both = Promise.all([below, loadMap(entry.maps[statistic.name]!, statistic)])
    try {
      const loaded = await both
      if (mine !== asked) return undefined
      put(...loaded, address)
      return levelsOf(loaded[1])
    } catch (error) {
      if (mine !== asked) return undefined
      removeAllBut(background?.image)
      map = undefined
      throw error
    }
  }
  return { show, map: () => map }
}

export const makeMapView = async (colours: StudyIndex["colours"]): Promise<MapView> => {
  const niivue = await attachNiivue(colours)
  const layers = makeLayers(niivue)
  const lesion = makeLesionLayer(niivue)
  let listen: (place: Place) => void = () => {}
  let hasMoved = false
  const tellPlace = (): void => {
    const map = layers.map()
    if (map === undefined) return
    const [x, y, z] = niivue.frac2mm(niivue.scene.crosshairPos, 0, true)
    const element = elementOf(map, map.mm2vox([x!, y!, z!]))
    listen({ mm: [x!, y!, z!], element, level: levelsOf(map)[element] ?? Number.NaN })
  }
  niivue.onLocationChange = tellPlace
  const moveTo = (mm: Point | undefined): void => {
    if (mm === undefined || layers.map() === undefined) return
    niivue.scene.crosshairPos = niivue.mm2frac([...mm])
    niivue.createOnLocationChange()
    niivue.drawScene()
    hasMoved = true
  }
  const moveToPeak = (): void => moveTo(layers.map() === undefined ? undefined : peakOf(layers.map()!))
  return {
    ...lesion,
    show: async (entry, statistic, background) => {
      const levels = await layers.show(entry, statistic, background)
      if (levels !== undefined && !hasMoved) moveToPeak()
      tellPlace()
      return levels
    },
    setScale: ({ threshold, limit }) => {
      const map = layers.map()
      if (map === undefined) return
      map.cal_min = justBelow(threshold)
      map.cal_max = limit
      niivue.updateGLVolume()
    },
    move: (x, y, z) => {
      if (layers.map() !== undefined) niivue.moveCrosshairInVox(x, y, z)
    },
    moveToPeak,
    moveToLesion: async () => moveTo(await lesion.middle()),
    onLocation: (listener) => {
      listen = listener
    }
  }
}
