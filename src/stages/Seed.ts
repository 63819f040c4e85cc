/**
 * Seed: the seed time series of every lesion in every subject of a chunk, standardised (centred, unit norm), so that
 * their dot product with a standardised voxel is the correlation. A voxel with a NaN or infinity in a subject is left out of the
 * seeds of that subject; a subject in which no lesion has a valid voxel is an error.
 *
 * Input: chunks of raw time series. Output: the same chunks with their seeds. Follows ingest, precedes correlate.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { Effect, Stream } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import { type EmptySubject, failIfEmpty, rawVoxels } from "../elements/EmptySubject.ts"
import { seedTimeSeries } from "../kernels/seedTimeSeries.ts"
import { validityOf } from "../kernels/seriesValidity.ts"
import { standardise } from "../kernels/standardise.ts"
import { bytesPerFloat64, seedsTogether } from "../runtime/ProblemShape.ts"
import type { AnyStage, Stage } from "../runtime/Stage.ts"
import type { Chunk, SubjectTimeSeries } from "./Ingest.ts"

/** Where a lesion lies: ascending indices into the connectome's voxels. */
export interface SeedRegion {
  readonly voxels: Int32Array
  /** Shape: as `voxels`. What each voxel counts in the mean, above 0. Undefined: all the same. */
  readonly weights?: Float32Array | undefined
}

/** Regions of all lesions: the same in every subject, or a function that gives those of a subject. */
export type SeedRegions = ReadonlyArray<SeedRegion> | SubjectRegions

/** Gives the same array for all subjects that have the same regions. */
export type SubjectRegions = (subject: Subject) => ReadonlyArray<SeedRegion>

export const regionsIn = (regions: SeedRegions, subject: Subject): ReadonlyArray<SeedRegion> =>
  typeof regions === "function" ? regions(subject) : regions

/** The regions of several batches of lesions one after the other. */
export const joinRegions = (parts: ReadonlyArray<SeedRegions>): SeedRegions => {
  const known = new Map<ReadonlyArray<SeedRegion>, ReadonlyArray<SeedRegion>>()
  return (subject) => {
    // Batches agree on which subjects have the same regions.
    const ofParts = parts.map((part) => regionsIn(part, subject))
    const joined = known.get(ofParts[0]!) ?? ofParts.flat()
    known.set(ofParts[0]!, joined)
    return joined
  }
}

export const weightsOf = ({ voxels, weights }: SeedRegion): Float32Array =>
  weights ?? new Float32Array(voxels.length).fill(1)

/** A region without the voxels that are not to be kept. */
export const keepVoxels = (
  { voxels, weights }: SeedRegion,
  keep: (voxel: number, position: number) => boolean
): SeedRegion => ({
  voxels: voxels.filter(keep),
  ...(weights === undefined ? {} : { weights: weights.filter((_, i) => keep(voxels[i]!, i)) })
})

/** What the weights of a region are divided by: their sum, in the order of its voxels. */
export const totalWeight = (region: SeedRegion): number => weightsOf(region).reduce((sum, weight) => sum + weight, 0)

export interface SeededSubject extends SubjectTimeSeries {
  /** Shape: (lesions, time points), float64, standardised; all zeros where invalid. */
  readonly seeds: Float64Array
  /** Shape: (lesions). 1 where the seed has no variance or holds a NaN or infinity. */
  readonly invalidSeeds: Uint8Array
}

export interface SeededChunk extends Omit<Chunk, "subjects"> {
  readonly subjects: ReadonlyArray<SeededSubject>
  readonly lesions: number
}

/** What a stage that `seed` made was made of. */
export interface Seeding {
  /** Regions of the pass, whose seeds it makes. */
  readonly regions: SeedRegions
  /** Regions of all lesions of the study. */
  readonly all: SeedRegions
}

/** @param all regions of all lesions of the study, where `regions` are only some: a subject is empty where all of these are */
export const seed = (regions: SeedRegions, all: SeedRegions = regions): Stage<Chunk, SeededChunk, EmptySubject> => {
  const stage = makeStage({ regions, all })
  seedingOfStage.set(stage, { regions, all })
  return stage
}

const seedingOfStage = new WeakMap<AnyStage, Seeding>()

/** What `seed` made a stage of; undefined for any other stage. */
export const seedingOf = (stage: AnyStage): Seeding | undefined => seedingOfStage.get(stage)

const makeStage = (seeding: Seeding): Stage<Chunk, SeededChunk, EmptySubject> => ({
  name: "seed",
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (series) => seedSubject(series, chunk.voxels, seeding)),
        (subjects): SeededChunk => ({ ...chunk, subjects, lesions: subjects[0]!.invalidSeeds.length })
      )
    ),
  footprintBytes: (shape) =>
    shape.chunkSlots * shape.subjectsPerChunk * seedsTogether(shape) * shape.timePoints * bytesPerFloat64
})

const seedSubject = Effect.fnUntraced(function* (series: SubjectTimeSeries, voxels: number, seeding: Seeding) {
  const { subject, values } = series
  const regions = regionsIn(seeding.regions, subject)
  const { timePoints } = subject
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
    invalidSeeds[lesion] = standardise(seeds, offset, timePoints) ? 0 : 1
    yield* Effect.yieldNow
  }
  if (regions.length > 0 && invalidSeeds.every((flag) => flag === 1)) {
    yield* failIfEmpty(rawVoxels(series), regionsIn(seeding.all, subject))
  }
  return { subject, values, seeds, invalidSeeds }
})
