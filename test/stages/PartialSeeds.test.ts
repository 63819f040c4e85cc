import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { averagedRuns, type Connectome } from "../../src/connectome/Connectome.ts"
import { openStoreConnectome } from "../../src/connectome/store/StoreConnectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { CollinearSeeds } from "../../src/elements/CollinearSeeds.ts"
import type { ConnectivitySums } from "../../src/elements/ConnectivitySums.ts"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { mergeSums } from "../../src/elements/mergeSums.ts"
import type { SeedRegion, SeedRegions } from "../../src/elements/SeedRegion.ts"
import { engineBackend } from "../../src/engine/engineBackend.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { loadSums, saveSums } from "../../src/output/savedSums.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { degree } from "../../src/stages/Degree.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { partialSeeds } from "../../src/stages/PartialSeeds.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { type MemoryConnectome, memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { naiveFisherZ, naiveSeed } from "../support/naiveMaps.ts"
import { naivePartial, naiveSemiPartial } from "../support/naivePartial.ts"
import { type EngineRunOptions, engineShape, mapsOnEngine } from "../support/runOnEngine.ts"
import { slotValues } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeStore } from "../support/writeStore.ts"

const scratch = scratchFolder()

const voxels = 103

/** Voxel 7 is constant in all subjects; voxel 14 holds a NaN in one; lesion 11 is voxel 7 alone. */
const source = memoryConnectome({
  subjects: 7,
  timePoints: [40, 40, 41, 40, 40, 40, 39],
  voxels,
  deadVoxels: [7],
  replaced: [{ subject: 2, timePoint: 5, voxel: 14, value: Number.NaN }]
})
const regions: ReadonlyArray<SeedRegion> = [...weighted(spreadRegions(11, voxels)), { voxels: Int32Array.of(7) }]
const everyOne = [...regions.keys()]

const sumsPipeline = (
  connectome: Connectome,
  all: SeedRegions,
  count: number,
  kept: ReadonlyArray<number>,
  from?: ConnectivitySums
) =>
  Pipeline.make("without files", ingest(connectome)).pipe(
    Pipeline.through(seed(all)),
    Pipeline.through(partialSeeds({ files: Array.from({ length: count }, (_, l) => `lesion-${l}`), kept })),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({
        ...{ lesions: kept.length, voxels: connectome.voxels, subjects: connectome.subjects.length },
        ...{ invalid: "zero", from }
      })
    )
  )

const pipelineOf = (...of: Parameters<typeof sumsPipeline>) =>
  sumsPipeline(...of).pipe(Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null })))

interface PartialRun extends EngineRunOptions {
  readonly plain?: boolean
  readonly kept?: ReadonlyArray<number>
}

const layerOf = (
  connectome: Connectome,
  all: ReadonlyArray<SeedRegion>,
  {
    plain,
    kept,
    workers,
    subjectsPerChunk
  }: Required<Pick<PartialRun, "plain" | "kept" | "workers" | "subjectsPerChunk">>
): Layer.Layer<ChunkPool, unknown> => {
  const shape = {
    ...engineShape(connectome, all, subjectsPerChunk),
    lesions: kept.length,
    partialSeeds: all.length
  }
  return plain
    ? Layer.merge(ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk)), Backend.layerPlain)
    : engineLayer({ shape, workers, arithmetic: "fast" })
}

const partialMaps = (
  connectome: Connectome,
  all: ReadonlyArray<SeedRegion>,
  { plain = false, kept = [...all.keys()], workers = 2, subjectsPerChunk = 3 }: PartialRun = {}
) => {
  const layer = layerOf(connectome, all, { plain, kept, workers, subjectsPerChunk })
  const ranges = Stream.fromIterable(subjectRanges(connectome.subjects.length, subjectsPerChunk))
  return Pipeline.stream(pipelineOf(connectome, all, all.length, kept), ranges).pipe(
    Stream.runCollect,
    Effect.provide(Layer.merge(layer, Progress.layerOff))
  )
}

/** Mean over subjects of z by the definition. */
const naiveZ = ({ timeSeries, subjects }: MemoryConnectome, lesion: number, voxel: number): number => {
  const z = timeSeries.map((values, subject) => {
    const runs = averagedRuns(subjects[subject]!) ?? [subjects[subject]!.timePoints]
    let start = 0
    const rs = runs.map((length) => {
      const part = values.subarray(start * voxels, (start + length) * voxels)
      start += length
      const seeds = regions.map(({ voxels: members, weights }) => naiveSeed(part, voxels, members, weights))
      const others = seeds.filter((series, m) => m !== lesion && new Set(series).size > 1)
      const column = Array.from({ length }, (_, t) => part[t * voxels + voxel]!)
      if (new Set(seeds[lesion]).size === 1) return 0
      return naiveSemiPartial(seeds[lesion]!, others, column)
    })
    return naiveFisherZ(rs.reduce((sum, r) => sum + r, 0) / runs.length)
  })
  return z.reduce((sum, value) => sum + value, 0) / z.length
}

const assertNaive = (maps: ReadonlyArray<LesionMaps>, connectome: MemoryConnectome, tolerance: number) => {
  assert.strictEqual(maps.length, regions.length)
  for (const [l, { maps: found }] of maps.entries()) {
    for (const voxel of [0, 3, 7, 14, 21, 60, 102]) {
      assert.closeTo(found.z[voxel]!, naiveZ(connectome, l, voxel), tolerance, `lesion ${l}, voxel ${voxel}`)
    }
  }
}

const mapsAlone = (found: ReadonlyArray<LesionMaps>) => found.map(({ maps }) => maps)

/** Subjects of two runs each, over which r is averaged. */
const averaging: MemoryConnectome = (() => {
  const connectome = memoryConnectome({ subjects: 5, timePoints: 45, voxels, deadVoxels: [7] })
  return {
    ...connectome,
    subjects: connectome.subjects.map((subject, n) => ({
      ...subject,
      averagesRuns: true,
      runs: [20 + n, 25 - n].map((timePoints) => ({ file: "memory", timePoints }))
    }))
  }
})()

describe("partialSeeds", () => {
  it.effect("gives semi-partial correlations by the definition, plain and on the engine", () =>
    Effect.gen(function* () {
      const plain = yield* partialMaps(source, regions, { plain: true })
      // Maps are float32.
      assertNaive(plain, source, 1e-7)
      assertNaive(yield* partialMaps(source, regions), source, 2e-6)
      assert.deepStrictEqual(
        plain.map(({ invalidSeeds }) => invalidSeeds),
        everyOne.map((l) => (l === 11 ? 7 : 0))
      )
      assert.isTrue(plain[11]!.maps.r.every((r) => r === 0))
    })
  )

  it.effect("goes on from sums over other subjects, in memory and from a file", () =>
    Effect.gen(function* () {
      for (const plain of [true, false]) {
        const kept = [1, 2, 5]
        const over = (first: number, count: number, from?: ConnectivitySums) =>
          Pipeline.stream(sumsPipeline(source, regions, 12, kept, from), Stream.make({ first, count })).pipe(
            Stream.runCollect,
            Effect.map(([sums]) => sums!),
            Effect.flatMap((sums) => {
              const file = join(scratch, `${plain}-${first}.sums`)
              const fingerprints = { study: "a".repeat(64), sums: "b".repeat(64) }
              return Effect.andThen(saveSums(file, { ...sums, fingerprints }), loadSums(file))
            }),
            Effect.provide(
              Layer.merge(layerOf(source, regions, { plain, kept, workers: 2, subjectsPerChunk: 7 }), Progress.layerOff)
            )
          )
        const whole = yield* over(0, 7)
        assert.strictEqual(whole.shares!.length, 3)
        assert.deepStrictEqual(yield* over(3, 4, yield* over(0, 3)), whole)
        assert.deepStrictEqual(yield* mergeSums(yield* over(0, 2), yield* over(2, 5)), whole)
      }
    })
  )

  it.effect("says the mean share of each seed's variance that is left, over subjects in which it is valid", () =>
    Effect.gen(function* () {
      // A lesion that holds nothing but the NaN of one subject is invalid there.
      const all = [...regions.slice(0, 6), { voxels: Int32Array.of(14) }]
      const shares = source.timeSeries.map((values, subject) =>
        naivePartial(
          all.map(({ voxels: members, weights }) =>
            // Without the NaN, which is voxel 14 in subject 2.
            naiveSeed(values, voxels, subject === 2 ? members.filter((voxel) => voxel !== 14) : members, weights)
          )
        )
      )
      for (const plain of [true, false]) {
        const maps = yield* partialMaps(source, all, { plain })
        for (const [l, { shareLeft }] of maps.entries()) {
          const valid = shares.flatMap((found, subject) => (l === 6 && subject === 2 ? [] : [found[l]!.share]))
          assert.closeTo(shareLeft!, valid.reduce((sum, share) => sum + share, 0) / valid.length, 2e-6)
        }
      }
      assert.isUndefined((yield* mapsOnEngine(source, all))[0]!.shareLeft)
    })
  )

  it.effect("takes the others out within each run where r is averaged over runs", () =>
    Effect.gen(function* () {
      assertNaive(yield* partialMaps(averaging, regions, { plain: true }), averaging, 2e-7)
      assertNaive(yield* partialMaps(averaging, regions), averaging, 2e-6)
    })
  )

  it.effect("gives the same bits for any workers, chunks and lesions of the pass, raw and on a store", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "store.zarr")
      yield* Effect.promise(() => writeStore(folder, { ...source, precision: "float32", panelsPerChunk: 4 }))
      for (const connectome of [source, yield* openStoreConnectome(folder)]) {
        const expected = yield* partialMaps(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
        assertNaive(expected, source, 2e-6)
        for (const options of [
          { workers: 2, subjectsPerChunk: 7 },
          { workers: 3, subjectsPerChunk: 2, kept: [4] },
          { kept: [0, 3, 8, 11] }
        ]) {
          const found = yield* partialMaps(connectome, regions, options)
          const kept = options.kept ?? everyOne
          assert.deepStrictEqual(
            found.map(({ maps, invalidSeeds, shareLeft }) => [maps, invalidSeeds, shareLeft]),
            kept.map((l) => [expected[l]!.maps, expected[l]!.invalidSeeds, expected[l]!.shareLeft])
          )
        }
      }
      const plain = yield* partialMaps(source, regions, { plain: true })
      const some = yield* partialMaps(source, regions, { plain: true, kept: [2, 9], subjectsPerChunk: 2 })
      assert.deepStrictEqual(mapsAlone(some), mapsAlone([plain[2]!, plain[9]!]))
    })
  )

  it.effect(
    "is as exact where next to nothing of a seed is left as where all of it is, raw and on a store of 16 bits",
    () =>
      Effect.gen(function* () {
        const connectome = memoryConnectome({ subjects: 4, timePoints: 60, voxels: 900 })
        const folder = join(scratch, "alike.zarr")
        yield* Effect.promise(() => writeStore(folder, { ...connectome, precision: "int16", panelsPerChunk: 4 }))
        const store = yield* openStoreConnectome(folder)
        const members = Int32Array.from({ length: 700 }, (_, voxel) => voxel)
        for (const difference of [0.3, 0.03, 0.003, 0.001]) {
          const weights = Float32Array.from(members, (voxel) => 1 + difference * Math.sin(voxel ** 2))
          const alike: ReadonlyArray<SeedRegion> = [
            { voxels: members },
            { voxels: members, weights },
            { voxels: Int32Array.of(750, 800) }
          ]
          const share = connectome.timeSeries.reduce((least, values) => {
            const seeds = alike.map((region) => naiveSeed(values, 900, region.voxels, region.weights))
            return Math.min(least, ...naivePartial(seeds).map((found) => found!.share))
          }, 1)
          assert.isBelow(share, 4 * difference ** 2)
          const engine = mapsAlone(yield* partialMaps(connectome, alike))
          const onStore = mapsAlone(yield* partialMaps(store, alike))
          const plain = mapsAlone(yield* partialMaps(connectome, alike, { plain: true }))
          for (const [l, { r }] of plain.entries()) {
            for (const [v, value] of r.entries()) {
              // Measured: 9e-8, and 1e-5 of 16 bits; where more of the seeds is left, 8e-8 and 8e-6.
              assert.closeTo(engine[l]!.r[v]!, value, 2e-7)
              assert.closeTo(onStore[l]!.r[v]!, value, 2e-5)
            }
          }
        }
      })
  )

  it.effect("leaves the map of a lesion alone as it is, to the bit", () =>
    Effect.gen(function* () {
      const alone = regions.slice(5, 6)
      assert.deepStrictEqual(
        mapsAlone(yield* partialMaps(source, alone)),
        mapsAlone(yield* mapsOnEngine(source, alone))
      )
    })
  )

  it.effect("fails where seeds are collinear in a subject, and names it and them, plain and on the engine", () =>
    Effect.gen(function* () {
      const together = { voxels: Int32Array.of(20, 30, 40, 50) }
      const collinear = [...regions, { voxels: Int32Array.of(20, 30) }, { voxels: Int32Array.of(40, 50) }, together]
      for (const options of [{ plain: true }, {}, { kept: [1] }]) {
        const error = yield* Effect.flip(partialMaps(source, collinear, options))
        if (!(error instanceof CollinearSeeds)) return assert.fail(String(error))
        assert.include(error.message, "subject subject-0 of memory")
        assert.deepStrictEqual(error.message.split("\n  ").slice(1).sort(), ["lesion-12", "lesion-13", "lesion-14"])
      }
    })
  )

  it("is computed by the engine in one row with the others", () => {
    const stages = pipelineOf(source, regions, 12, everyOne).stages
    const steps = engineBackend(2).fuse(stages)
    assert.deepStrictEqual(
      steps.map(({ stage, plainBecause }) => [stage.name, plainBecause]),
      [
        ["ingest", undefined],
        ["fused: seed, partialSeeds, correlate, fisherZ, reduce", undefined],
        ["statistics", undefined]
      ]
    )
    assert.deepStrictEqual(steps[1]!.replaces, ["seed", "partialSeeds", "correlate", "fisherZ", "reduce"])
    const withDegree = [...stages.slice(0, 3), degree, ...stages.slice(3)]
    assert.include(engineBackend(2).fuse(withDegree)[1]!.replaces, "degree")
  })
})
