/**
 * Seed: the seed time series of every lesion in every subject of a chunk, standardised (centred, unit norm), so that
 * their dot product with a standardised voxel is the correlation. A voxel with a NaN or infinity in a subject is left out of the
 * seeds of that subject; a subject in which no lesion has a valid voxel is an error. Where r is averaged over a subject's runs, seeds and
 * time series are scaled within each run (`scaleRuns`) once the seeds have been made of the raw signal.
 *
 * Input: chunks of raw time series. Output: the same chunks with their seeds. Follows ingest, precedes correlate.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { Effect, Stream } from "effect"
import { averagedRuns } from "../connectome/Connectome.ts"
import type { Chunk, SubjectTimeSeries } from "../elements/Chunk.ts"
import { type EmptySubject, failIfEmpty, rawVoxels } from "../elements/EmptySubject.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk } from "../elements/SeededChunk.ts"
import {
  keepVoxels,
  regionsIn,
  type Seeding,
  type SeedRegion,
  type SeedRegions,
  weightsOf
} from "../elements/SeedRegion.ts"
import { scaleRuns, scaleSeedRuns } from "../kernels/scaleRuns.ts"
import { seedTimeSeries } from "../kernels/seedTimeSeries.ts"
import { validityOf } from "../kernels/seriesValidity.ts"
import { standardise } from "../kernels/standardise.ts"
import { bytesPerFloat64, seedsTogether } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/**
 * @param all regions of all lesions of the study, where `regions` are only some of them: a subject without a valid voxel
 * in any of them is an error
 */
export const seed = (regions: SeedRegions, all: SeedRegions = regions): Stage<Chunk, SeededChunk, EmptySubject> => ({
  name: "seed",
  operation: { _tag: "seed", regions, all } satisfies StageOperation,
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (series) => seedSubject(series, chunk.voxels, { regions, all })),
        (subjects): SeededChunk => ({ ...chunk, subjects, lesions: subjects[0]!.invalidSeeds.length })
      )
    ),
  footprintBytes: (shape) =>
    shape.chunkSlots * shape.subjectsPerChunk * seedsTogether(shape) * shape.timePoints * bytesPerFloat64
})

/** Voxels whose runs are scaled before others have their turn. */
const voxelsTogether = 16_384

const seedSubject = Effect.fnUntraced(function* (series: SubjectTimeSeries, voxels: number, seeding: Seeding) {
  const { subject, values } = series
  const regions = regionsIn(seeding.regions, subject)
  const { timePoints } = subject
  const runs = averagedRuns(subject)
  const seeds = new Float64Array(regions.length * timePoints)
  const invalidSeeds = new Uint8Array(regions.length)
  for (const [lesion, region] of regions.entries()) {
    const offset = lesion * timePoints
    const average = (part: SeedRegion) =>
      seedTimeSeries(values, timePoints, voxels, part.voxels, weightsOf(part), seeds, offset)
    average(region)
    if (!seeds.subarray(offset, offset + timePoints).every(Number.isFinite)) {
      average(keepVoxels(region, (voxel) => validityOf(values, timePoints, voxels, voxel) !== "notFinite"))
    }
    const valid = runs === undefined ? standardise(seeds, offset, timePoints) : scaleSeedRuns(seeds, offset, runs)
    // All runs have unit norm: together they have it once they are divided by the root of their number.
    if (valid && runs !== undefined) standardise(seeds, offset, timePoints)
    invalidSeeds[lesion] = valid ? 0 : 1
    yield* Effect.yieldNow
  }
  if (regions.length > 0 && invalidSeeds.every((flag) => flag === 1)) {
    yield* failIfEmpty(rawVoxels(series), regionsIn(seeding.all, subject))
  }
  if (runs !== undefined) {
    for (let first = 0; first < voxels; first += voxelsTogether) {
      scaleRuns({ values, voxels, runs }, first, Math.min(voxels, first + voxelsTogether))
      yield* Effect.yieldNow
    }
  }
  return { subject, values, seeds, invalidSeeds }
})
