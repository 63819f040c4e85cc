/**
 * Correlate: Pearson correlation of every seed with every voxel, one subject and one tile of voxels at a time.
 *
 * Input: chunks with seeds. Output: tiles of r, subjects in order, and voxels in order within a subject. It is the last
 * stage that needs the time series: it releases a chunk once all its tiles have been handed on. No map of r ever
 * exists beyond a tile; tile buffers come from a pool of their own, and whoever consumes a tile releases it.
 */
import { Effect, Stream } from "effect"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk, SeededSubject } from "../elements/SeededChunk.ts"
import type { Tile } from "../elements/Tile.ts"
import { pearson } from "../kernels/pearson.ts"
import * as BufferPool from "../runtime/BufferPool.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/**
 * Multiply-adds of one kernel call: about 15 ms at the 1 Gflop/s that a plain loop reaches, well below the 50 ms after
 * which an interruption would feel late.
 */
const multiplyAddsPerTile = 8e6
const narrowestTile = 8
const widestTile = 4096

/** Tiles alive at once: one being consumed, one being computed. */
const tileSlots = 2

/** Voxels of a tile. */
export const tileWidth = (lesions: number, timePoints: number): number =>
  Math.min(widestTile, Math.max(narrowestTile, Math.floor(multiplyAddsPerTile / (lesions * timePoints))))

/** The stage that correlates every seed with every voxel. Shapes: `Tile`. It holds `tileSlots` tiles at a time. */
export const correlate: Stage<SeededChunk, Tile<"r">> = {
  name: "correlate",
  operation: { _tag: "correlate" } satisfies StageOperation,
  transform: (chunks) =>
    Stream.unwrap(
      Effect.map(
        BufferPool.make(tileSlots, (): TileBuffer => ({ values: new Float64Array(0) })),
        (pool) => Stream.flatMap(chunks, (chunk) => Stream.ensuring(tilesOf(chunk, pool), chunk.release))
      )
    ),
  footprintBytes: ({ lesions, timePoints, voxels }) =>
    (tileSlots * lesions * Math.min(voxels, tileWidth(lesions, timePoints)) + timePoints) * bytesPerFloat64
}

/** A tile's buffer grows to the largest tile it was asked for: the number of lesions is known with the first chunk. */
interface TileBuffer {
  values: Float64Array
}

const tilesOf = (chunk: SeededChunk, pool: BufferPool.BufferPool<TileBuffer>): Stream.Stream<Tile<"r">> =>
  Stream.flatMap(Stream.fromIterable(chunk.subjects), (subject) => {
    const width = tileWidth(chunk.lesions, subject.subject.timePoints)
    const column = new Float64Array(subject.subject.timePoints)
    return Stream.mapEffect(Stream.range(0, Math.ceil(chunk.voxels / width) - 1), (tile) =>
      computeTile(chunk, subject, tile * width, Math.min(chunk.voxels, (tile + 1) * width), column, pool)
    )
  })

const computeTile = Effect.fnUntraced(function* (
  { lesions, voxels }: SeededChunk,
  { subject, values, seeds, invalidSeeds, pairs, shares, degree }: SeededSubject,
  first: number,
  last: number,
  column: Float64Array,
  pool: BufferPool.BufferPool<TileBuffer>
) {
  const { buffer, release } = yield* pool.take
  if (buffer.values.length < lesions * (last - first)) buffer.values = new Float64Array(lesions * (last - first))
  const r = buffer.values
  const invalidVoxels = pearson(values, subject.timePoints, voxels, first, last, seeds, lesions, column, r)
  yield* Effect.yieldNow
  const tile: Tile<"r"> = {
    statistic: "r",
    subject,
    first,
    last,
    lesions,
    values: r,
    invalidVoxels,
    invalidSeeds,
    pairs,
    shares,
    degree,
    endsSubject: last === voxels,
    release
  }
  return tile
})
