/** The grid that the maps of a group lie on, its voxels with values, what slices lie over, and slices of maps there. */
import { Effect } from "effect"
import type { Grid } from "../../imaging/Grid.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { strengthOf } from "../colourScale.ts"
import { hexadecimal, negativeColours, positiveColours } from "../colours.ts"
import { drawSlice } from "../drawSlice.ts"
import { viewsThrough } from "../lookAtLesion.ts"
import { openBackground } from "../openBackground.ts"
import type { SlicePicture } from "../ReportData.ts"
import type { ReportNotes } from "../ReportNotes.ts"
import type { Site } from "../ReportTask.ts"
import { maskOfMaps, viewsOf } from "../reportSite.ts"
import type { SliceView } from "../sliceGeometry.ts"
import type { CountPictures, MapPictures } from "./GroupFindings.ts"

export interface GroupSite extends Pick<Site, "grid" | "gridIndex" | "background" | "box" | "commonViews"> {
  /** What slices lie over, in words. */
  readonly words: string
}

/** @param map one whose values are not 0 in the voxels of the analysis; it is released */
export const openGroupSite = Effect.fnUntraced(function* (
  { grid, values }: { readonly grid: Grid; readonly values: Float32Array },
  background: string | undefined,
  notes: ReportNotes
) {
  const gridIndex = maskOfMaps([values], grid)
  const { greys, words } = yield* openBackground(grid, gridIndex, background, notes)
  return { grid, gridIndex, background: greys, words, ...viewsOf(grid, gridIndex) } satisfies GroupSite
})

/** The strongest voxel; of equal ones the first. -1 where all are 0. */
export const strongestVoxel = (values: Float32Array, gridIndex: Int32Array): number => {
  let [best, strength] = [-1, 0]
  for (let v = 0; v < gridIndex.length; v++) {
    const value = Math.abs(values[gridIndex[v]!]!)
    if (value > strength) [best, strength] = [gridIndex[v]!, value]
  }
  return best
}

interface Drawn {
  readonly values: Float32Array
  readonly outline?: Uint8Array | undefined
  readonly threshold: number
  readonly limit: number
}

const draw = (
  views: ReadonlyArray<SliceView>,
  { background }: GroupSite,
  { values, outline, threshold, limit }: Drawn
): ReadonlyArray<SlicePicture> =>
  views.map((view) => drawSlice(view, { values, background, lesion: outline, threshold, limit }))

export const commonSlices = (site: GroupSite, drawn: Drawn): ReadonlyArray<SlicePicture> =>
  draw(site.commonViews, site, drawn)

/** Size of the slices through the strongest voxel: a line is then a quarter of a voxel of 2 mm wide, and leaves thin shapes their colour. */
const peakScale = 2

/**
 * A signed map through its strongest voxel and at the places that all maps have.
 *
 * @param threshold from which values have a colour; full colour is at the strength that 99 % of the map stay below, twice the threshold at least
 */
export const mapPictures = (
  site: GroupSite,
  statistic: string,
  values: Float32Array,
  threshold: (limit: number) => number,
  outline?: Uint8Array
): MapPictures => {
  const strength = strengthOf(values) || 1
  const from = Number(threshold(strength).toPrecision(1))
  const limit = Number(Math.max(2 * from, strength).toPrecision(2))
  const peak = strongestVoxel(values, site.gridIndex)
  const views = peak < 0 ? [] : viewsThrough(site, peak, peakScale)
  const drawn: Drawn = { values, outline, threshold: from, limit }
  return {
    scale: {
      statistic,
      threshold: from,
      limit,
      positive: positiveColours.map(hexadecimal),
      negative: negativeColours.map(hexadecimal)
    },
    peakMm: peak < 0 ? undefined : [views[0]!.positionMm, views[1]!.positionMm, views[2]!.positionMm],
    peak: peak < 0 ? 0 : values[peak]!,
    peakSlices: draw(views, site, drawn),
    commonSlices: commonSlices(site, drawn)
  }
}

/** Counts of patients, from one on, or another least count, in one row of colours. */
export const countPictures = (
  site: GroupSite,
  title: string,
  counts: Float32Array,
  {
    sign,
    from,
    to,
    outline
  }: { readonly sign: 1 | -1; readonly from: number; readonly to: number; readonly outline?: Uint8Array }
): CountPictures => {
  const values = sign > 0 ? counts : counts.map((count) => -count)
  const peak = strongestVoxel(counts, site.gridIndex)
  const views = peak < 0 ? site.commonViews : [...viewsThrough(site, peak), ...site.commonViews]
  // The same number at both ends would leave no room for colours.
  const slices = draw(views, site, { values, outline, threshold: from, limit: Math.max(to, from + 1) })
  if (values !== counts) releaseMemory(values)
  return { title, from, to, colours: (sign > 0 ? positiveColours : negativeColours).map(hexadecimal), slices }
}
