import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openStoreConnectome } from "../../src/connectome/store/StoreConnectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { fractionBits, fromFixed } from "../../src/kernels/fixedPoint.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { seedMatrix } from "../../src/stages/SeedMatrix.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { connectomeOf, memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { naiveFisherZ, naivePearson, naiveSeed } from "../support/naiveMaps.ts"
import { type EngineRunOptions, engineShape, mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf, slotValues } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeStore } from "../support/writeStore.ts"

const scratch = scratchFolder()

interface PairOptions extends EngineRunOptions {
  readonly plain?: boolean
  /** The first lesions, which the pass maps; default: all. */
  readonly lesions?: number
}

/** The maps of a pass, and the sums of z of all pairs, row after row, on and right of the diagonal. */
const pairsOf = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  { plain = false, lesions = regions.length, workers = 2, subjectsPerChunk = 3 }: PairOptions = {}
) =>
  Effect.gen(function* () {
    const pipeline = Pipeline.make("without files", ingest(connectome)).pipe(
      Pipeline.through(seed(regions)),
      Pipeline.through(seedMatrix({ seeds: regions.length, lesions })),
      Pipeline.through(correlate),
      Pipeline.through(fisherZ),
      Pipeline.through(
        reduce({ lesions, voxels: connectome.voxels, subjects: connectome.subjects.length, invalid: "zero" })
      )
    )
    const mapped = Pipeline.make("maps", statistics({ fdrAlpha: 0.05, tThreshold: null }))
    const shape = {
      ...engineShape(connectome, regions, subjectsPerChunk),
      lesions,
      matrixSeeds: regions.length
    }
    const layer = plain
      ? Layer.merge(ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk)), Backend.layerPlain)
      : engineLayer({ shape, workers, arithmetic: "fast" })
    const ranges = Stream.fromIterable(subjectRanges(connectome.subjects.length, subjectsPerChunk))
    return yield* Effect.gen(function* () {
      const [sums] = yield* Stream.runCollect(Pipeline.stream(pipeline, ranges))
      const maps = yield* Stream.runCollect(Pipeline.stream(mapped, Stream.make(sums!)))
      const { seeds, sumZ } = sums!.pairs!
      const z = [...sumZ]
        .filter((_, i) => i % seeds >= Math.floor(i / seeds))
        .map((sum) => fromFixed(sum, fractionBits))
      return { maps, z, subjects: sums!.subjects }
    }).pipe(Effect.provide(Layer.merge(layer, Progress.layerOff)))
  })

const source = memoryConnectome({
  subjects: 7,
  timePoints: [40, 40, 41, 40, 40, 40, 39],
  voxels: 103,
  deadVoxels: [7],
  replaced: [{ subject: 2, timePoint: 5, voxel: 14, value: Number.NaN }]
})
const regions = weighted(spreadRegions(11, 103))

/** Σ z of all pairs by the definition. */
const naivePairs = (): ReadonlyArray<number> => {
  const series = source.timeSeries.map((values) =>
    regions.map(({ voxels, weights }: SeedRegion) => naiveSeed(values, 103, voxels, weights))
  )
  return regions.flatMap((_, l) =>
    regions
      .slice(l)
      .map((_, right) =>
        series.reduce((sum, seeds) => sum + naiveFisherZ(naivePearson(seeds[l]!, seeds[l + right]!)), 0)
      )
  )
}

const assertPairs = (actual: ReadonlyArray<number>, tolerance: number) => {
  const expected = naivePairs()
  assert.strictEqual(actual.length, expected.length)
  for (const [pair, z] of expected.entries()) assert.closeTo(actual[pair]!, z, tolerance, `pair ${pair}`)
}

describe("seedMatrix", () => {
  it.effect("sums z of every pair of seeds over subjects, invalid ones as 0, plain and on the engine", () =>
    Effect.gen(function* () {
      const plain = yield* pairsOf(source, regions, { plain: true })
      assert.strictEqual(plain.subjects, 7)
      assertPairs(plain.z, 1e-8)
      const onEngine = yield* pairsOf(source, regions)
      assert.strictEqual(onEngine.subjects, 7)
      // The engine adds the voxels of a seed in float32; these are sums over 7 subjects.
      assertPairs(onEngine.z, 1e-6)
    })
  )

  it.effect("gives the same bits for any workers, chunks and lesions of the pass, raw and on a store", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "store.zarr")
      yield* Effect.promise(() => writeStore(folder, { ...source, precision: "int16", panelsPerChunk: 4 }))
      for (const connectome of [source, yield* openStoreConnectome(folder)]) {
        const expected = yield* pairsOf(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
        assertPairs(expected.z, 1e-2)
        for (const options of [
          { workers: 2, subjectsPerChunk: 7 },
          { workers: 3, subjectsPerChunk: 2, lesions: 1 },
          { lesions: 4 }
        ]) {
          const { z, maps } = yield* pairsOf(connectome, regions, options)
          assert.deepStrictEqual(z, expected.z)
          assert.strictEqual(maps.length, options.lesions ?? 11)
        }
      }
    })
  )

  it.effect("gives the same bits for subjects in reverse order, plain and on the engine", () =>
    Effect.gen(function* () {
      const reversed = connectomeOf(source.timeSeries.toReversed(), 103)
      for (const plain of [true, false]) {
        const { z } = yield* pairsOf(source, regions, { plain })
        assert.deepStrictEqual((yield* pairsOf(reversed, regions, { plain, subjectsPerChunk: 2 })).z, z)
      }
    })
  )

  it.effect("leaves the maps as they are, to the bit", () =>
    Effect.gen(function* () {
      const maps = (found: ReadonlyArray<{ readonly maps: unknown }>) => found.map(({ maps }) => maps)
      const onEngine = yield* pairsOf(source, regions, { lesions: 4 })
      assert.deepStrictEqual(maps(onEngine.maps), maps(yield* mapsOnEngine(source, regions.slice(0, 4))))
      const plain = yield* pairsOf(source, regions, { lesions: 4, plain: true })
      assert.deepStrictEqual(maps(plain.maps), maps(yield* mapsOf(source, regions.slice(0, 4))))
    })
  )
})
