/** Sums over some subjects of a connectome, by the plain stages or on an engine, begun at nothing or gone on from other sums. */
import { Effect, Layer, Stream } from "effect"
import * as fc from "fast-check"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import type { SubjectRange } from "../../src/elements/Chunk.ts"
import { addAllSums, type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { degree } from "../../src/stages/Degree.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { seedMatrix } from "../../src/stages/SeedMatrix.ts"
import { engineShape } from "./runOnEngine.ts"
import { slotValues } from "./runStages.ts"

export interface SumsRun {
  /** 0: the plain stages. */
  readonly workers?: number
  readonly subjectsPerChunk?: number
  readonly from?: ConnectivitySums | undefined
  /** Sum the pairs of seeds too. */
  readonly paired?: boolean
  /** Sum the degree too; default: as `paired`. */
  readonly withDegree?: boolean
}

/** The subjects in this order, consecutive ones together. */
export const rangesOf = (subjects: ReadonlyArray<number>, subjectsPerChunk: number): ReadonlyArray<SubjectRange> => {
  const ranges: Array<SubjectRange> = []
  for (const subject of subjects) {
    const last = ranges.at(-1)
    if (last !== undefined && last.first + last.count === subject && last.count < subjectsPerChunk) {
      ranges[ranges.length - 1] = { first: last.first, count: last.count + 1 }
    } else ranges.push({ first: subject, count: 1 })
  }
  return ranges
}

const sumsPipeline = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  { from, paired = false, withDegree = paired }: SumsRun
) => {
  const seeding = Pipeline.make("sums", ingest(connectome)).pipe(Pipeline.through(seed(regions)))
  const lesions = regions.length
  const seeded = paired ? seeding.pipe(Pipeline.through(seedMatrix({ seeds: lesions, lesions }))) : seeding
  return (withDegree ? seeded.pipe(Pipeline.through(degree)) : seeded).pipe(
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({ lesions, voxels: connectome.voxels, subjects: connectome.subjects.length, invalid: "zero", from })
    )
  )
}

/** What a run takes: an engine, or slots for the plain stages. */
export const sumsLayer = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  { workers = 0, subjectsPerChunk = 1 }: SumsRun
) => {
  const shape = { ...engineShape(connectome, regions, subjectsPerChunk), matrixSeeds: regions.length, degree: true }
  const plain = Layer.merge(ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk)), Backend.layerPlain)
  const layer: Layer.Layer<ChunkPool, unknown> =
    workers === 0 ? plain : engineLayer({ shape, workers, arithmetic: "strict" })
  return Layer.merge(layer, Progress.layerOff)
}

/** The sums as the layer's stages or engine leave them. */
export const sumsWithin = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  subjects: ReadonlyArray<number>,
  run: SumsRun = {}
) =>
  Pipeline.stream(
    sumsPipeline(connectome, regions, run),
    Stream.fromIterable(rangesOf(subjects, run.subjectsPerChunk ?? 1))
  ).pipe(
    Stream.runCollect,
    Effect.map(([sums]) => sums!)
  )

/** The sums, in memory of their own. */
export const sumsOver = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  subjects: ReadonlyArray<number>,
  run: SumsRun = {}
) =>
  sumsWithin(connectome, regions, subjects, run).pipe(
    Effect.flatMap(inRows),
    Effect.provide(sumsLayer(connectome, regions, run))
  )

/** A copy in rows of all voxels, whatever way they lay before. */
export const inRows = Effect.fnUntraced(function* (sums: ConnectivitySums) {
  const rows = noSums(sums)
  yield* addAllSums(sums, rows)
  const pairs = sums.pairs && { ...sums.pairs, sumZ: sums.pairs.sumZ.slice() }
  const degree = sums.degree?.slice()
  const copy: ConnectivitySums = { ...sums, values: rows.values, rows: rows.rows, width: rows.width, pairs, degree }
  return copy
})

/** So many subjects, in any order, cut into parts anywhere. */
export const partitionsOf = (subjects: number): fc.Arbitrary<ReadonlyArray<ReadonlyArray<number>>> =>
  fc
    .record({
      order: fc.shuffledSubarray(
        Array.from({ length: subjects }, (_, subject) => subject),
        { minLength: subjects }
      ),
      cuts: fc.array(fc.integer({ min: 1, max: subjects - 1 }), { maxLength: 4 })
    })
    .map(({ order, cuts }) => {
      const ends = [0, ...new Set(cuts.toSorted((a, b) => a - b)), subjects]
      return ends.slice(1).map((end, part) => order.slice(ends[part], end))
    })
