/**
 * Correlate within: how each voxel of a lesion goes with the lesion's own seed, in every subject. What `principalSeeds` makes
 * refined seeds from.
 *
 * Input: chunks with seeds. Output: one element, the correlations over all subjects. Releases the chunks. Follows seed. Where an
 * engine computes, seed and this are done in its workers (`EngineWithin`), and on a store ingest too.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */
import { Effect, Stream } from "effect"
import type { SeededChunk } from "../elements/SeededChunk.ts"
import type { SeedRegion } from "../elements/SeedRegion.ts"
import { columnsOf, type WithinCorrelations } from "../elements/WithinCorrelations.ts"
import { fusedWithin, fusedWithinName, storedWithin, storedWithinName } from "../engine/EngineWithin.ts"
import { fusedFootprintBytes } from "../engine/FusedConnectivity.ts"
import { storedFootprintBytes } from "../engine/StoredConnectivity.ts"
import { correlateWithin as correlateVoxels } from "../kernels/correlateWithin.ts"
import { bytesPerFloat64, withinBytes } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { ingestedConnectome } from "./Ingest.ts"
import { seedRegionsOf } from "./Seed.ts"

export interface CorrelateWithinOptions {
  /** The regions that the seeds are made of. */
  readonly regions: ReadonlyArray<SeedRegion>
  /** Subjects of the connectome. */
  readonly subjects: number
}

export const correlateWithin = ({
  regions,
  subjects
}: CorrelateWithinOptions): Stage<SeededChunk, WithinCorrelations, never, Progress> => ({
  name: "correlateWithin",
  transform: (chunks) =>
    Stream.unwrap(
      Effect.map(Progress, (progress) => {
        const columns = columnsOf(regions)
        const found = { subjects, columns, values: new Int32Array(subjects * columns.at(-1)!) }
        const consumed = Stream.mapEffect(chunks, (chunk) => addChunk(chunk, regions, found, progress))
        return Stream.concat(
          Stream.drain(consumed),
          Stream.sync((): WithinCorrelations => found)
        )
      })
    ),
  footprintBytes: (shape) => withinBytes(shape) + shape.timePoints * bytesPerFloat64,
  fuse: (preceding) => {
    const seeding = preceding.at(-1)
    if (seeding === undefined || seedRegionsOf(seeding) !== regions) return undefined
    const source = preceding.at(-2)
    const connectome = source === undefined ? undefined : ingestedConnectome(source)
    const stored = connectome?.stored
    if (connectome !== undefined && stored !== undefined) {
      return {
        replaces: 2,
        name: storedWithinName,
        stage: (engine) => storedWithin(connectome, stored, regions, engine),
        footprintBytes: storedFootprintBytes
      }
    }
    return {
      replaces: 1,
      name: fusedWithinName,
      stage: (engine) => fusedWithin(regions, subjects, engine),
      footprintBytes: fusedFootprintBytes
    }
  }
})

const addChunk = Effect.fnUntraced(function* (
  chunk: SeededChunk,
  regions: ReadonlyArray<SeedRegion>,
  { values, columns }: WithinCorrelations,
  progress: Progress["Service"]
) {
  const rowValues = columns.at(-1)!
  for (const { subject, values: series, seeds } of chunk.subjects) {
    const { timePoints, index } = subject
    const column = new Float64Array(timePoints)
    for (const [lesion, { voxels }] of regions.entries()) {
      const at = index * rowValues + columns[lesion]!
      correlateVoxels(series, timePoints, chunk.voxels, voxels, seeds, lesion * timePoints, column, values, at)
      yield* Effect.yieldNow
    }
    yield* progress.subjectDone
  }
  yield* chunk.release
})
