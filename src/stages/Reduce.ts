/**
 * Reduce: sums z and z² over subjects for each lesion and voxel, and counts what was invalid. Of a subject nothing else
 * is kept: 16 B a lesion and voxel, whatever the number of subjects.
 *
 * Input: tiles of z. Output: one element, when all tiles have come. Consumes the tiles (releases their buffers).
 * The sums are exact, in fixed point (`fixedPoint.ts`), so they depend neither on the subjects' order nor on how the work was cut.
 */
import { Effect, Stream } from "effect"
import type { ConnectivitySums, ReduceOptions } from "../elements/ConnectivitySums.ts"
import { noSums } from "../elements/ConnectivitySums.ts"
import { InvalidTimeSeries } from "../elements/InvalidTimeSeries.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { Tile } from "../elements/Tile.ts"
import { UnboundedZ } from "../elements/UnboundedZ.ts"
import { accumulate } from "../kernels/accumulate.ts"
import { roundingTo } from "../kernels/fixedPoint.ts"
import { fractionBitsOf, largestZ } from "../kernels/numericPolicy.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"

export const reduce = (
  options: ReduceOptions
): Stage<Tile<"z">, ConnectivitySums, InvalidTimeSeries | UnboundedZ, Progress> => ({
  name: "reduce",
  operation: { _tag: "reduce", options } satisfies StageOperation,
  transform: (tiles) =>
    Stream.unwrap(
      Effect.map(Progress, (progress) => {
        const running = begin(options)
        const consumed = Stream.mapEffect(tiles, (tile) => addTile(running, tile, options, progress))
        return Stream.concat(
          Stream.drain(consumed),
          Stream.sync((): ConnectivitySums => {
            const { sums, subjects, invalidVoxels } = running
            return { ...sums, subjects, invalidVoxels }
          })
        )
      })
    ),
  footprintBytes: ({ lesions, voxels }) => 2 * lesions * voxels * bytesPerSum
})

/** What is summed up so far. */
interface Running {
  readonly sums: ConnectivitySums
  readonly toFixed: (value: number) => bigint
  /** Largest |z| that cannot overflow the sums. */
  readonly bound: number
  subjects: number
  invalidVoxels: number
}

const begin = ({ lesions, voxels, subjects }: ReduceOptions): Running => {
  const fractionBits = fractionBitsOf(subjects)
  return {
    sums: noSums({ lesions, voxels, fractionBits }),
    toFixed: roundingTo(fractionBits),
    bound: largestZ(subjects, fractionBits),
    subjects: 0,
    invalidVoxels: 0
  }
}

const addTile = Effect.fnUntraced(function* (
  running: Running,
  tile: Tile<"z">,
  { invalid, subjects }: ReduceOptions,
  progress: Progress["Service"]
) {
  const { sums, toFixed, bound } = running
  const { file, id } = tile.subject
  const invalidSeeds = tile.first === 0 ? tile.invalidSeeds.reduce((count, flag) => count + flag, 0) : 0
  if (invalid === "error" && tile.invalidVoxels + invalidSeeds > 0) {
    return yield* new InvalidTimeSeries({ file, subject: id, invalidVoxels: tile.invalidVoxels, invalidSeeds })
  }
  if (!areWithin(tile.values, tile.lesions * (tile.last - tile.first), bound)) {
    return yield* new UnboundedZ({ file, subject: id, largestZ: bound })
  }
  accumulate(tile.values, tile.lesions, sums.voxels, tile.first, tile.last, sums.values, toFixed)
  running.invalidVoxels += tile.invalidVoxels
  if (invalidSeeds > 0)
    tile.invalidSeeds.forEach((flag, lesion) => {
      sums.invalidSeeds[lesion]! += flag
    })
  yield* tile.release
  if (tile.endsSubject) {
    running.subjects++
    if (running.subjects > subjects)
      return yield* Effect.die(new Error(`reduce was told of ${subjects} subjects, not more`))
    yield* progress.subjectDone
  }
})

const areWithin = (values: Float64Array, count: number, bound: number): boolean => {
  for (let i = 0; i < count; i++) if (!(Math.abs(values[i]!) <= bound)) return false
  return true
}
