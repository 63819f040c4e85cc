/**
 * What a worker makes of the sums of a lesion: its statistics, the compressed files of its maps with their hashes, the numbers of the
 * summary, and the values of its tables of parcels. Free of Effect.
 *
 * Memory: all but the compressed files is made in memory that is kept for the next lesion.
 */
import { createHash } from "node:crypto"
import { compressNifti } from "../imaging/nifti/compressNifti.ts"
import type { LesionSums } from "../kernels/LesionSums.ts"
import { lesionStatistics, makeStatisticsMemory } from "../kernels/lesionStatistics.ts"
import { fillMasks, type MaskThresholds, makeMasks } from "../output/lesionMasks.ts"
import { encodeMap } from "../output/mapImage.ts"
import { numbersOf } from "../output/mapNumbers.ts"
import { type MapSizes, makeMapMemory, mapGridOf } from "../output/mapVolume.ts"
import { parcelValues } from "../output/parcelValues.ts"
import { statisticMaps } from "../output/statisticMaps.ts"
import { allSlices } from "../runtime/allSlices.ts"
import type { ImagesTask, LesionImages } from "./EngineTask.ts"

const makeMemory = (voxels: number, sizes: MapSizes, thresholds: MaskThresholds) => ({
  voxels,
  sizes,
  thresholds,
  statistics: makeStatisticsMemory(statisticMaps, voxels),
  masks: makeMasks(voxels, thresholds),
  lesioned: new Uint8Array(voxels),
  map: makeMapMemory(sizes)
})

let memory: ReturnType<typeof makeMemory> | undefined

/** The memory that the last lesion was made in, where it serves this one too. */
const memoryFor = ({ sums, site, thresholds }: ImagesTask) => {
  const suits =
    memory?.voxels === sums.voxels &&
    memory.sizes.brainGridVoxels === site.sizes.brainGridVoxels &&
    memory.sizes.mapGridVoxels === site.sizes.mapGridVoxels &&
    memory.sizes.resamples === site.sizes.resamples &&
    memory.sizes.warps === site.sizes.warps &&
    memory.thresholds.tThreshold === thresholds.tThreshold
  if (!suits) memory = undefined
  memory ??= makeMemory(sums.voxels, site.sizes, thresholds)
  return memory
}

export const lesionImages = (task: ImagesTask, sums: LesionSums): LesionImages => {
  const { site, thresholds, images, grid, warped, lesion } = task
  const { brain, parcellations, back } = site
  const { statistics, masks, lesioned, map } = memoryFor(task)
  const maps = lesionStatistics(sums, statisticMaps, statistics)
  fillMasks(maps, thresholds, masks)
  const mapGrid = allSlices(mapGridOf({ grid, warp: warped ? back : undefined }, brain, map))
  const files = images.map((image) => {
    const { bytes, hints } = allSlices(encodeMap(image, { maps, masks }, brain, mapGrid, map))
    const compressed = compressNifti(bytes, hints)
    return { bytes: compressed, sha256: createHash("sha256").update(compressed).digest("hex") }
  })
  return { files, numbers: numbersOf(maps, masks), parcels: parcelValues(maps, lesion, parcellations, lesioned) }
}
