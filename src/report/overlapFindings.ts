/** What is shown of all lesions together: the overlap of their networks and of the lesions themselves, as counts and as slices. */
import { indicesOf, positionOf } from "../imaging/elementPlace.ts"
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { findComponents, makeComponentMemory } from "../kernels/connectedComponents.ts"
import { countsBeyond, sumOfCounts } from "../kernels/overlapCounts.ts"
import { armColours, hexadecimal, negativeColours, positiveColours } from "./colours.ts"
import { drawSlice } from "./drawSlice.ts"
import { viewsThrough } from "./lookAtLesion.ts"
import type { OpenedSite } from "./openSite.ts"
import { overlapLevels } from "./overlapLevels.ts"
import type { OverlapFindings, OverlapMap } from "./ReportData.ts"
import type { Site } from "./ReportTask.ts"

/** Counts of lesions, voxel by voxel, and how they are shown. */
interface Counts {
  readonly title: string
  /** Shape: (voxels of the grid). */
  readonly counts: Int32Array
  readonly of: number
  /** Count at full colour. */
  readonly limit: (most: number) => number
  /** -1: in the colours of negative values. */
  readonly sign: 1 | -1
}

/** The counts at or beyond each level, as maps. */
export const overlapMapsOf = ({ site: { grid, sums }, space }: OpenedSite, of: number): ReadonlyArray<OverlapMap> => {
  const counted = (sums ?? []).flatMap(({ overlap }) => overlap ?? [])
  if (counted.length === 0) return []
  const voxels = voxelsOf(grid)
  const overlap = countsBeyond(counted, overlapLevels.length)
  return ([1, -1] as const).flatMap((sign, half) =>
    overlapLevels.map((tau, level) => {
      const row = half * overlapLevels.length + level
      return { tau, sign, of, grid, space, counts: overlap.subarray(row * voxels, (row + 1) * voxels) }
    })
  )
}

/** The overlap of networks at one level. Full colour is all lesions, so that levels can be compared. */
export const networkOverlap = (site: Site, { tau, sign, of, counts }: OverlapMap): OverlapFindings =>
  overlapFindings(site, {
    title: `t ${sign > 0 ? "≥ " : "≤ −"}${tau}`,
    counts,
    of,
    limit: () => of,
    sign
  })

/** The overlap of the lesions. Full colour is the largest overlap, since lesions seldom lie in one place. */
export const lesionOverlap = (site: Site, of: number): OverlapFindings => {
  const counts = sumOfCounts((site.sums ?? []).map(({ lesions }) => lesions))
  return overlapFindings(site, { title: "Lesions", counts, of, limit: (most) => most, sign: 1 })
}

const overlapFindings = (site: Site, { title, counts, of, limit, sign }: Counts): OverlapFindings => {
  let [most, voxelsAtMost] = [0, 0]
  for (let n = 0; n < counts.length; n++) {
    const count = counts[n]!
    if (count > most) [most, voxelsAtMost] = [count, 1]
    else if (count === most && most > 0) voxelsAtMost++
  }
  const peak = most === 0 ? -1 : middleOfMost(site.grid, counts, most)
  const values = new Float32Array(counts.length)
  for (let n = 0; n < counts.length; n++) values[n] = sign * counts[n]!
  const to = Math.max(1, limit(most))
  // One lesion is the least that has a colour.
  const content = { values, background: site.background, lesion: undefined, threshold: 1, limit: Math.max(to, 2) }
  const views = peak < 0 ? site.commonViews : [...viewsThrough(site, peak), ...site.commonViews]
  const slices = views.map((view) => drawSlice(view, content))
  releaseMemory(values)
  return {
    title,
    most,
    of,
    voxelsAtMost,
    peakMm: peak < 0 ? undefined : positionOf(site.grid, peak),
    slices,
    colours: {
      from: 1,
      to,
      colours: (sign > 0 ? positiveColours : negativeColours).map(hexadecimal).slice(0, armColours)
    }
  }
}

/** The voxel in the middle of the largest cluster of voxels with the largest count: of the many that often have it, the first lies at a border. */
const middleOfMost = (grid: Grid, counts: Int32Array, most: number): number => {
  const isMost = new Float32Array(counts.length)
  for (let n = 0; n < counts.length; n++) isMost[n] = counts[n] === most ? 1 : 0
  const memory = makeComponentMemory(counts.length)
  const { labels } = memory
  const { count, sizes } = findComponents(isMost, grid.shape, 1, memory)
  let largest = 1
  for (let cluster = 2; cluster <= count; cluster++) if (sizes[cluster]! > sizes[largest]!) largest = cluster
  const middle = [0, 0, 0]
  for (let n = 0; n < labels.length; n++) {
    if (labels[n] !== largest) continue
    for (const [axis, index] of indicesOf(grid, n).entries()) middle[axis]! += index / sizes[largest]!
  }
  let [nearest, least] = [-1, Number.POSITIVE_INFINITY]
  for (let n = 0; n < labels.length; n++) {
    if (labels[n] !== largest) continue
    const distance = Math.hypot(...indicesOf(grid, n).map((index, axis) => index - middle[axis]!))
    if (distance < least) [nearest, least] = [n, distance]
  }
  releaseMemory(isMost, labels, memory.parents)
  return nearest
}
