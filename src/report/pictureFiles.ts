/**
 * The slices of each lesion as PNG files beside its maps: `…_stat-t_cut-peak_axial.png` through the strongest voxel, and `…_cut-1_axial.png` and
 * so on at the places that all lesions share. Where a slice was cut, and what its colours mean, is said in the file.
 */
import { Effect } from "effect"
import { OutputFolder } from "../output/OutputFolder.ts"
import { describePng } from "./encodePng.ts"
import { commonNames, pictureName } from "./pictureNames.ts"
import type { ColourScale, Direction, LesionFindings, SlicePicture } from "./ReportData.ts"

/** Writes the pictures of a lesion; for `analyseMaps`, which gives it each. Errors: `OutputNotWritten`. */
export const writePictures = Effect.fn("writePictures")(function* ({
  maps,
  scale,
  ownSlices,
  commonSlices
}: LesionFindings) {
  const output = yield* OutputFolder
  const pictures = [
    ...ownSlices.map((slice) => [`cut-peak_${slice.direction}`, slice] as const),
    ...commonSlices.map((slice, n) => [commonNames[n]!, slice] as const)
  ]
  for (const [cut, slice] of pictures) {
    yield* output.write(pictureName(maps, scale.statistic, cut), describePng(slice.png, describeSlice(slice, scale)))
  }
})

const axisOf: Readonly<Record<Direction, string>> = { sagittal: "x", coronal: "y", axial: "z" }

const describeSlice = (
  { direction, positionMm }: SlicePicture,
  { statistic, threshold, limit }: ColourScale
): string => {
  const place = `${direction}, ${axisOf[direction]} = ${Number(positionMm.toFixed(2))} mm`
  const sides = direction === "sagittal" ? "left is the back" : "left is the left of the brain"
  return `${place}; ${sides}; ${statistic} from ${threshold}, full colour at ${limit}, warm positive, cool negative`
}
