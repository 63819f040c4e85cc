/**
 * Reading a connectome's HDF5 file in blocks: hyperslabs of a few MiB that follow the storage chunks, so that no chunk
 * is inflated twice and no call holds its thread long. Blocks are independent of each other; any thread may read any.
 *
 * A block is plain data that can be sent to a worker. This module is free of Effect, for the same reason.
 */
import type { BlockChunkIndex } from "./BlockChunkIndex.ts"
import type { Hdf5File } from "./hdf5Library.ts"
import { makeRowWriter, type NumberType, numberForms } from "./hdf5Numbers.ts"

/** How the values of `timeseries` lie in a file. */
export interface BlockLayout {
  readonly timePoints: number
  readonly voxels: number
  readonly type: NumberType
  /** Extent of a storage chunk along (subjects, time points, voxels); undefined where the values lie in one piece. */
  readonly chunks: readonly [number, number, number] | undefined
}

/** A hyperslab of `timeseries`, and where its values go. */
export interface Hdf5Block {
  readonly path: string
  readonly layout: BlockLayout
  /** Along (subjects, time points, voxels). */
  readonly offset: readonly [number, number, number]
  readonly count: readonly [number, number, number]
  /** Where its values lie in the file; undefined where only the HDF5 library can read them. */
  readonly chunkIndex?: BlockChunkIndex
}

/** Bytes of a block: what gzip inflates within about 40 ms, and large enough that the calls do not count. */
const blockTargetBytes = 4 * 2 ** 20

/** Bytes that the HDF5 library holds while it reads a block of `count` subjects. */
export const blockBytes = (layout: BlockLayout, count: number): number => {
  const [subjects, timePoints, voxels] = extentOf(layout, count)
  return subjects * timePoints * voxels * numberForms[layout.type].bytes
}

/** The blocks of the rows `first … first + count - 1`. Together they cover each value once. */
export const blocksOf = (path: string, layout: BlockLayout, first: number, count: number): Array<Hdf5Block> => {
  const [subjects, timePoints, voxels] = extentOf(layout, count)
  const blocks: Array<Hdf5Block> = []
  for (let s = 0; s < count; s += subjects) {
    for (let t = 0; t < layout.timePoints; t += timePoints) {
      for (let v = 0; v < layout.voxels; v += voxels) {
        blocks.push({
          path,
          layout,
          offset: [first + s, t, v],
          count: [
            Math.min(subjects, count - s),
            Math.min(timePoints, layout.timePoints - t),
            Math.min(voxels, layout.voxels - v)
          ]
        })
      }
    }
  }
  return blocks
}

/**
 * Reads a block through the HDF5 library.
 *
 * Shapes: `into[i]` is (time points, voxels) of the block's i-th subject; the block's part of it is written. Nothing is where it is empty.
 *
 * Numerics: float32. Of numbers that float32 does not hold (float64, wide integers) each voxel's first time point is subtracted
 * before rounding, so that rounding takes no digits from the signal; such a block holds all time points.
 */
export const readSlab = (file: Hdf5File, block: Hdf5Block, into: ReadonlyArray<Float32Array>): void => {
  const { type, voxels: width } = block.layout
  const [, firstTime, firstVoxel] = block.offset
  const [subjects, timePoints, voxels] = block.count
  // The library has brought big-endian values into the machine's order.
  const bytes = file.readSlab("timeseries", block.offset, block.count)
  const rowBytes = voxels * numberForms[type].bytes
  for (let s = 0; s < subjects; s++) {
    if (into[s]!.length === 0) continue
    const writer = makeRowWriter(type, voxels)
    for (let t = 0; t < timePoints; t++) {
      const row = bytes.subarray((s * timePoints + t) * rowBytes, (s * timePoints + t + 1) * rowBytes)
      const to = (firstTime + t) * width + firstVoxel
      writer.write(row, firstTime + t, 0, into[s]!.subarray(to, to + voxels))
    }
  }
}

/** Whole storage chunks, as many as the target holds: first along the voxels, then along the time points. */
const extentOf = (layout: BlockLayout, count: number): readonly [number, number, number] => {
  const { timePoints, voxels } = layout
  const { bytes: bytesPerValue, exact } = numberForms[layout.type]
  const grow = (extent: number, limit: number, bytesEach: number) =>
    Math.min(limit, extent * Math.max(1, Math.floor(blockTargetBytes / (extent * bytesEach))))
  if (layout.chunks === undefined) {
    if (!exact) return [1, timePoints, grow(1, voxels, timePoints * bytesPerValue)]
    return [1, grow(1, timePoints, voxels * bytesPerValue), voxels]
  }
  const [chunkSubjects, chunkTimes, chunkVoxels] = layout.chunks
  const subjects = Math.min(count, Math.max(1, chunkSubjects))
  const tall = exact ? Math.min(timePoints, chunkTimes) : timePoints
  const wide = grow(chunkVoxels, voxels, subjects * tall * bytesPerValue)
  const times = wide < voxels ? tall : grow(tall, timePoints, subjects * wide * bytesPerValue)
  return [subjects, times, wide]
}
