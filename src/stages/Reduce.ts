/**
 * Reduce: sums z and z² over subjects for each lesion and voxel, and counts what was invalid. Of a subject nothing else
 * is kept: 16 B a lesion and voxel, whatever the number of subjects.
 *
 * Input: tiles of z. Output: one element, when all tiles have come. Consumes the tiles (releases their buffers).
 * Each sum runs over subjects in their order, in one place, so it does not depend on how the work was cut.
 */
import { Effect, Stream } from "effect"
import type { ConnectivitySums, ReduceOptions } from "../elements/ConnectivitySums.ts"
import { InvalidTimeSeries } from "../elements/InvalidTimeSeries.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { Tile } from "../elements/Tile.ts"
import { accumulate } from "../kernels/accumulate.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"

export const reduce = (options: ReduceOptions): Stage<Tile<"z">, ConnectivitySums, InvalidTimeSeries, Progress> => ({
  name: "reduce",
  operation: { _tag: "reduce", options } satisfies StageOperation,
  transform: (tiles) =>
    Stream.unwrap(
      Effect.map(Progress, (progress) => {
        const sums = makeSums(options)
        const consumed = Stream.mapEffect(tiles, (tile) => addTile(sums, tile, options, progress))
        return Stream.concat(
          Stream.drain(consumed),
          Stream.sync((): ConnectivitySums => sums)
        )
      })
    ),
  footprintBytes: ({ lesions, voxels }) => 2 * lesions * voxels * bytesPerFloat64
})

const makeSums = ({ lesions, voxels }: ReduceOptions) => {
  const sumsOfZ = new Float64Array(lesions * voxels)
  const sumsOfZ2 = new Float64Array(lesions * voxels)
  return {
    lesions,
    voxels,
    subjects: 0,
    sumsOfZ,
    sumsOfZ2,
    invalidVoxels: 0,
    invalidSeeds: new Uint32Array(lesions),
    copyLesion: (lesion: number, sumZ: Float64Array, sumZ2: Float64Array) => {
      sumZ.set(sumsOfZ.subarray(lesion * voxels, (lesion + 1) * voxels))
      sumZ2.set(sumsOfZ2.subarray(lesion * voxels, (lesion + 1) * voxels))
    }
  }
}

const addTile = Effect.fnUntraced(function* (
  sums: ReturnType<typeof makeSums>,
  tile: Tile<"z">,
  { invalid }: ReduceOptions,
  progress: Progress["Service"]
) {
  const invalidSeeds = tile.first === 0 ? tile.invalidSeeds.reduce((count, flag) => count + flag, 0) : 0
  if (invalid === "error" && tile.invalidVoxels + invalidSeeds > 0) {
    const { file, id } = tile.subject
    return yield* new InvalidTimeSeries({ file, subject: id, invalidVoxels: tile.invalidVoxels, invalidSeeds })
  }
  accumulate(tile.values, tile.lesions, sums.voxels, tile.first, tile.last, sums.sumsOfZ, sums.sumsOfZ2)
  sums.invalidVoxels += tile.invalidVoxels
  if (invalidSeeds > 0)
    tile.invalidSeeds.forEach((flag, lesion) => {
      sums.invalidSeeds[lesion]! += flag
    })
  yield* tile.release
  if (tile.endsSubject) {
    sums.subjects++
    yield* progress.subjectDone
  }
})
