/**
 * Where the time series of a store's subjects are to be read, and how they lie in memory once they are:
 *
 *     panels   int16 | float32  [chunks · panels a chunk][time points][8]   chunk file after chunk file
 *     sd       float32          [voxels]                                    filled up to whole panels with zeros
 *     step     float32          [voxels]                                    likewise; int16 only
 *
 * Pure functions of the store's extent; nothing is read here.
 */
import path from "node:path"
import type { StoredFile } from "./storedFiles.ts"
import { bytesOfValue, chunkGeometry, panelVoxels, type StoreExtent, subjectFiles } from "./storeGeometry.ts"

/** Byte offsets within the memory of one subject, and its size. Multiples of 64. */
export interface StoredLayout {
  readonly panelBytes: number
  readonly sd: number
  /** Undefined where the time series are float32. */
  readonly step: number | undefined
  readonly bytes: number
}

/** Parts of a subject's memory start on cache lines. */
const alignment = 64

export const storedLayout = (extent: StoreExtent): StoredLayout => {
  const { chunks, chunkBytes, panels, panelBytes } = chunkGeometry(extent)
  const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment
  const ofVoxels = aligned(panels * panelVoxels * Float32Array.BYTES_PER_ELEMENT)
  const sd = aligned(chunks * chunkBytes)
  const hasStep = extent.precision === "int16"
  return { panelBytes, sd, step: hasStep ? sd + ofVoxels : undefined, bytes: sd + (hasStep ? 2 : 1) * ofVoxels }
}

/** A chunk file, and where its bytes go within the subject's memory. */
export interface PlacedFile extends StoredFile {
  readonly offset: number
}

/**
 * The chunk files of one subject.
 *
 * @param checksums of the files in the order of `subjectFiles`
 */
export const placedFiles = (
  store: string,
  extent: StoreExtent,
  subject: number,
  checksums: ArrayLike<number>
): ReadonlyArray<PlacedFile> => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  const layout = storedLayout(extent)
  const ofVoxels = extent.voxels * Float32Array.BYTES_PER_ELEMENT
  return subjectFiles(extent, subject).map((name, position) => ({
    path: path.join(store, name),
    checksum: checksums[position]!,
    ...(position < chunks
      ? { bytes: chunkBytes, offset: position * chunkBytes }
      : { bytes: ofVoxels, offset: position === chunks ? layout.sd : layout.step! })
  }))
}

/**
 * Writes the raw signal of voxels, without its mean, from a subject's memory: what the store was made from, within its
 * precision.
 *
 * Shapes: `memory` as `storedLayout`; `into` (time points, voxels). Values of a series with a NaN or infinity are NaN.
 */
export const unpackSubject = (
  extent: StoreExtent,
  memory: Uint8Array,
  timePoints: number,
  into: Float32Array
): void => {
  const { voxels, precision } = extent
  const layout = storedLayout(extent)
  const { buffer, byteOffset } = memory
  const valuesOfPanel = layout.panelBytes / bytesOfValue(precision)
  const count = Math.ceil(voxels / panelVoxels) * valuesOfPanel
  const values =
    precision === "int16" ? new Int16Array(buffer, byteOffset, count) : new Float32Array(buffer, byteOffset, count)
  const sd = new Float32Array(buffer, byteOffset + layout.sd, voxels)
  const step = layout.step === undefined ? undefined : new Float32Array(buffer, byteOffset + layout.step, voxels)
  for (let v = 0; v < voxels; v++) {
    const scale = sd[v]! * (step?.[v] ?? 1)
    const first = Math.floor(v / panelVoxels) * valuesOfPanel + (v % panelVoxels)
    for (let t = 0; t < timePoints; t++) into[t * voxels + v] = scale * values[first + t * panelVoxels]!
  }
}
