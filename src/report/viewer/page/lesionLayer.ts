/** The lesion that a map is of: its outline above the slices, drawn whenever NiiVue draws them, and where it lies. */
import type { Niivue } from "@niivue/niivue"
import { drawOutline } from "./drawOutline.ts"
import { fetchBytes } from "./fetchFrom.ts"
import { type MaskImage, middleOf, type Point, readMaskImage } from "./outlines.ts"

export interface LesionLayer {
  /** Takes the lesion at an address, or none. Fails where it cannot be had; then no outline is shown. */
  readonly setLesion: (address: string | undefined) => Promise<void>
  readonly showOutline: (wanted: boolean) => void
  /** A voxel in the middle of the lesion, as soon as the lesion is there. */
  readonly middle: () => Promise<Point | undefined>
}

interface Asked {
  readonly address: string | undefined
  readonly mask: Promise<MaskImage | undefined>
}

const maskAt = async (address: string | undefined): Promise<MaskImage | undefined> =>
  address === undefined ? undefined : readMaskImage(await fetchBytes(address))

export const makeLesionLayer = (niivue: Niivue): LesionLayer => {
  let asked: Asked | undefined
  let [outlined, isShown]: [MaskImage | undefined, boolean] = [undefined, true]
  const drawScene = niivue.drawScene.bind(niivue)
  niivue.drawScene = () => {
    const drawn = drawScene()
    drawOutline(niivue, isShown ? outlined : undefined)
    return drawn
  }
  const outline = (mask: MaskImage | undefined): void => {
    outlined = mask
    niivue.drawScene()
  }
  return {
    setLesion: async (address) => {
      if (asked === undefined || asked.address !== address) {
        asked = { address, mask: maskAt(address) }
        outline(undefined)
      }
      const mine = asked
      const mask = await mine.mask
      if (asked === mine) outline(mask)
    },
    showOutline: (wanted) => {
      isShown = wanted
      niivue.drawScene()
    },
    middle: async () => {
      const mask = await asked?.mask
      return mask === undefined ? undefined : middleOf(mask)
    }
  }
}
