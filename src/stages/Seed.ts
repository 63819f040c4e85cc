/**
 * Seed: the seed time series of every lesion in every subject of a chunk, standardised (centred, unit norm), so that
 * their dot product with a standardised voxel is the correlation.
 *
 * Input: chunks of raw time series. Output: the same chunks with their seeds. Follows ingest, precedes correlate.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { Effect, Stream } from "effect"
import type { Chunk, SubjectTimeSeries } from "../elements/Chunk.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk } from "../elements/SeededChunk.ts"
import { regionsIn, type SeedRegion, type SeedRegions, weightsOf } from "../elements/SeedRegion.ts"
import { seedTimeSeries } from "../kernels/seedTimeSeries.ts"
import { standardise } from "../kernels/standardise.ts"
import { bytesPerFloat64, seedsTogether } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

export const seed = (regions: SeedRegions): Stage<Chunk, SeededChunk> => ({
  name: "seed",
  operation: { _tag: "seed", regions } satisfies StageOperation,
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (series) =>
          seedSubject(series, chunk.voxels, regionsIn(regions, series.subject))
        ),
        (subjects): SeededChunk => ({ ...chunk, subjects, lesions: subjects[0]!.invalidSeeds.length })
      )
    ),
  footprintBytes: (shape) =>
    shape.chunkSlots * shape.subjectsPerChunk * seedsTogether(shape) * shape.timePoints * bytesPerFloat64
})

const seedSubject = Effect.fnUntraced(function* (
  { subject, values }: SubjectTimeSeries,
  voxels: number,
  regions: ReadonlyArray<SeedRegion>
) {
  const { timePoints } = subject
  const seeds = new Float64Array(regions.length * timePoints)
  const invalidSeeds = new Uint8Array(regions.length)
  for (const [lesion, region] of regions.entries()) {
    const offset = lesion * timePoints
    seedTimeSeries(values, timePoints, voxels, region.voxels, weightsOf(region), seeds, offset)
    invalidSeeds[lesion] = standardise(seeds, offset, timePoints) ? 0 : 1
    yield* Effect.yieldNow
  }
  return { subject, values, seeds, invalidSeeds }
})
