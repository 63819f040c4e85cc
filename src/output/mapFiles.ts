/** The files that a lesion's maps are written to: in the order of the config's maps, then the masks, each an image and its sidecar. */
import type { WriteMapsOptions } from "../elements/WriteMapsOptions.ts"
import { outputNameOf, spaceOfMaps } from "../lesions/Lesion.ts"
import type { MaskName } from "./lesionMasks.ts"
import type { MapImage } from "./mapImage.ts"
import { describeMap, describeMask, type MapSubject } from "./sidecar.ts"
import { statisticMap } from "./statisticRows.ts"

export interface MapFile {
  /** Path in the output folder, without extension. */
  readonly stem: string
  readonly image: MapImage
  readonly sidecar: object
}

/** Masks in the order in which they are written. */
const maskNames: ReadonlyArray<MaskName> = ["pfdrthreshold", "tthreshold"]

/** @param made the masks that are made of the lesion's maps; that of pfdr is written only with its map */
export const mapFilesOf = (
  target: MapSubject & { readonly options: WriteMapsOptions },
  made: ReadonlyArray<MaskName>
): ReadonlyArray<MapFile> => {
  const { lesion, subjects, options } = target
  const { maps, method } = options
  const space = spaceOfMaps(lesion, options)
  const name = outputNameOf(lesion, { space, description: method })
  const fileOf = (title: string, image: Pick<MapImage, "of" | "background" | "intent">, sidecar: object): MapFile => ({
    stem: `${name.directory}/${title}`,
    image: { ...image, space, description: title.slice(0, 79) },
    sidecar
  })
  const masks = maskNames.filter((mask) => made.includes(mask) && (mask !== "pfdrthreshold" || maps.includes("pfdr")))
  return [
    ...maps.map((of) => {
      const row = statisticMap(of)
      const image = { of, background: row.background, intent: row.intent?.(subjects) }
      return fileOf(name.stem(of, "statmap"), image, describeMap(row, target))
    }),
    ...masks.map((of) =>
      fileOf(name.stem(of, "mask"), { of, background: 0, intent: undefined }, describeMask(of, target))
    )
  ]
}
