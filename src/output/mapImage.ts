/**
 * The image of one map of a lesion, from its values over the brain mask to a compressible NIfTI file. An image is plain data, from which
 * its file can be made on any thread; free of Effect, for workers.
 */
import { voxelsOf } from "../imaging/Grid.ts"
import { type CompressionHints, likelyCompressedBytes } from "../imaging/nifti/compressNifti.ts"
import { encodeNifti, type NiftiIntent, voxOffset } from "../imaging/nifti/writeNifti.ts"
import type { LesionMasks, MaskName } from "./lesionMasks.ts"
import { type BrainGrid, fillVolume, type MapGrid, type MapMemory } from "./mapVolume.ts"
import type { Statistic, StatisticMaps } from "./statisticRows.ts"

/** Which values an image holds, and what its header says of them. */
export interface MapImage {
  readonly of: Statistic | MaskName
  /** Value outside the brain mask. */
  readonly background: number
  readonly intent: NiftiIntent | undefined
  readonly space: string
  /** Cut to 79 bytes. */
  readonly description: string
}

/** The maps of a lesion, and its masks. */
export interface MapsAndMasks {
  readonly maps: StatisticMaps
  readonly masks: LesionMasks
}

/** An image's file before it is compressed, and what helps to compress it. */
export interface EncodedMap {
  readonly bytes: Uint8Array
  readonly hints: CompressionHints
}

/** Makes the file of an image in the memory, where it lies until that is used again; in slices, between which others may run. */
export function* encodeMap(
  { of, background, intent, space, description }: MapImage,
  { maps, masks }: MapsAndMasks,
  brain: BrainGrid,
  mapGrid: MapGrid,
  memory: MapMemory
): Generator<void, EncodedMap> {
  const { grid, reached = brain.gridIndex } = mapGrid
  const values = of in masks ? masks[of as MaskName]! : maps[of as Statistic]
  const Volume = of in masks ? Uint8Array : Float32Array
  const volume = new Volume(memory.file, voxOffset, voxelsOf(grid))
  yield* fillVolume({ values, background }, brain, mapGrid, volume, memory)
  const bytes = encodeNifti({ grid, space, values: volume, intent, description }, memory.file)
  return { bytes, hints: { background, likelyBytes: likelyCompressedBytes(bytes.length, reached.length) } }
}
