import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { RefinedSeeds } from "../../src/elements/RefinedSeeds.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { checkScope } from "../../src/stages/PrincipalSeeds.ts"
import {
  connectomeOf,
  type MemoryConnectome,
  memoryConnectome,
  spoiltConnectome,
  spreadRegions,
  weighted,
  withWholeBrain
} from "../support/memoryConnectome.ts"
import {
  lesionVoxelsOf,
  lesionVoxelsOnEngine,
  naiveLesionVoxels,
  refinedOf,
  refinedOnEngine
} from "../support/refineSeeds.ts"
import { mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const stored = storesIn(scratchFolder())

/** Lesions of many voxels, that overlap, in runs of all lengths. */
const wideRegions = (lesions: number, voxels: number): ReadonlyArray<SeedRegion> =>
  Array.from({ length: lesions }, (_, lesion) => ({
    voxels: Int32Array.from({ length: voxels }, (_, voxel) => voxel).filter(
      (voxel) => voxel === lesion % voxels || Math.sin(1 + voxel * (0.3 + 0.17 * (lesion % 5)) + lesion) > 0.2
    )
  }))

/** The same connectome, its subjects in files of these numbers. */
const inFiles = (connectome: MemoryConnectome, sizes: ReadonlyArray<number>): MemoryConnectome => {
  const files = sizes.flatMap((size, file) => new Array<string>(size).fill(`part-${file}.h5`))
  return {
    ...connectome,
    subjects: connectome.subjects.map((subject, index) => ({ ...subject, file: files[index]! }))
  }
}

const keptOf = ({ kept }: RefinedSeeds) => kept.map((ofGroup) => ofGroup.map((ofLesion) => [...ofLesion]))

const shapes = fc.record({
  subjects: fc.integer({ min: 2, max: 6 }),
  timePoints: fc.array(fc.integer({ min: 5, max: 50 }), { minLength: 6, maxLength: 6 }),
  voxels: fc.integer({ min: 3, max: 70 }),
  lesions: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
  deadVoxel: fc.nat(),
  nanVoxel: fc.nat(),
  workers: fc.integer({ min: 1, max: 3 }),
  subjectsPerChunk: fc.integer({ min: 1, max: 4 }),
  panelsPerChunk: fc.integer({ min: 1, max: 9 })
})

type Shape = typeof shapes extends fc.Arbitrary<infer A> ? A : never

const forAll = (numRuns: number, holds: (shape: Shape) => Effect.Effect<void, unknown>) =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(shapes, (shape) => Effect.runPromise(holds(shape))),
      { seed: 8, numRuns }
    )
  )

/** The naive correlations of all lesions, subject after subject. */
const naiveRows = (source: MemoryConnectome, regions: ReadonlyArray<SeedRegion>): ReadonlyArray<number> => {
  const ofLesions = regions.map((region) => naiveLesionVoxels(source, region))
  return source.subjects.flatMap(({ index }) => ofLesions.flatMap((ofLesion) => ofLesion[index]!))
}

const assertCorrelations = (actual: Int32Array, expected: ReadonlyArray<number>, tolerance: number) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [i, r] of expected.entries()) assert.closeTo(actual[i]! / 2 ** 30, r, tolerance, `correlation ${i}`)
}

describe("correlateLesionVoxels", () => {
  it.effect(
    "correlates each voxel of a lesion with the lesion's mean, invalid ones as 0, plain and on the engine",
    () =>
      forAll(15, (shape) =>
        Effect.gen(function* () {
          const source = spoiltConnectome(shape)
          const regions = withWholeBrain(weighted(wideRegions(shape.lesions, shape.voxels)), shape.voxels)
          const expected = naiveRows(source, regions)
          assertCorrelations(yield* lesionVoxelsOf(source, regions), expected, 2e-9)
          // The engine adds the voxels of a seed in float32.
          assertCorrelations(yield* lesionVoxelsOnEngine(source, regions, shape), expected, 5e-7)
        })
      )
  )

  it.effect("does so on a store, within the store's precision", () =>
    forAll(8, (shape) =>
      Effect.gen(function* () {
        const source = spoiltConnectome(shape)
        const regions = withWholeBrain(weighted(wideRegions(shape.lesions, shape.voxels)), shape.voxels)
        const expected = naiveRows(source, regions)
        const float32 = yield* stored(source, "float32", shape.panelsPerChunk)
        assertCorrelations(yield* lesionVoxelsOnEngine(float32, regions, shape), expected, 1e-6)
        const int16 = yield* stored(source, "int16", shape.panelsPerChunk)
        const ofIntegers = yield* lesionVoxelsOnEngine(int16, regions, shape)
        assertCorrelations(ofIntegers, expected, 1e-4)
        // What the store holds is correlated exactly, but for the float32 that the plain stages read it as.
        const plain = yield* lesionVoxelsOf(int16, regions)
        assertCorrelations(
          ofIntegers,
          Array.from(plain, (r) => r / 2 ** 30),
          5e-7
        )
      })
    )
  )

  it.effect("reads of a store only the chunk files that hold a lesion", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 4, timePoints: 20, voxels: 100 })
      const connectome = yield* stored(source, "int16", 4)
      const regions = [{ voxels: Int32Array.of(33, 40) }, { voxels: Int32Array.of(99) }]
      const expected = yield* lesionVoxelsOnEngine(connectome, regions)
      const files = connectome.stored.filesOf
      const touched = [1, 3, 4, 5]
      const read = new Set<number>()
      const watched = {
        ...connectome,
        stored: {
          ...connectome.stored,
          // Panels 0 to 3, 4 to 7, 8 to 11, 12; then sd and step. The others are not there.
          filesOf: (subject: number) =>
            files(subject).map((file, position) => {
              read.add(position)
              return touched.includes(position) ? file : { ...file, path: `${file.path}-not-there` }
            })
        }
      }
      assert.strictEqual(read.size, 0)
      assert.deepStrictEqual(yield* lesionVoxelsOnEngine(watched, regions), expected)
      assert.strictEqual(read.size, 6)
    })
  )
})

describe("principalSeeds", () => {
  it.effect("keeps the same voxels for any workers, chunks and batches, raw and on a store", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 7, timePoints: [40, 40, 41, 40, 40, 40, 39], voxels: 203 })
      const regions = weighted(wideRegions(7, 203))
      for (const connectome of [source, yield* stored(source, "int16", 5)]) {
        const expected = keptOf(yield* refinedOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1 }))
        assert.deepStrictEqual(keptOf(yield* refinedOf(connectome, regions)), expected)
        for (const workers of [2, 3]) {
          for (const subjectsPerChunk of [2, 7]) {
            const refined = yield* refinedOnEngine(connectome, regions, { workers, subjectsPerChunk })
            assert.deepStrictEqual(keptOf(refined), expected)
          }
        }
        for (const size of [1, 3]) {
          const batches: Array<ReadonlyArray<number>> = []
          for (let first = 0; first < regions.length; first += size) {
            batches.push(...keptOf(yield* refinedOnEngine(connectome, regions.slice(first, first + size)))[0]!)
          }
          assert.deepStrictEqual([batches], expected)
        }
      }
    })
  )

  it.effect("keeps as many voxels as the percentile says, with their weights", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 9, timePoints: 33, voxels: 61 })
      const regions = weighted(wideRegions(4, 61))
      for (const percentile of [0, 20, 50, 99, 100]) {
        const refined = yield* refinedOnEngine(source, regions, { percentile })
        for (const [lesion, { voxels, weights }] of regions.entries()) {
          const kept = refined.kept[0]![lesion]!
          const below = Math.ceil((percentile / 100) * (voxels.length - 1))
          const region = refined.regions(source.subjects[3]!)[lesion]!
          assert.strictEqual(region.voxels.length, voxels.length - below)
          assert.deepStrictEqual(
            region.voxels,
            voxels.filter((_, i) => kept[i] === 1)
          )
          assert.deepStrictEqual(
            region.weights,
            weights?.filter((_, i) => kept[i] === 1)
          )
        }
      }
    })
  )

  it.effect("works for lesions of one and of two voxels, equal ones, and without signal", () =>
    Effect.gen(function* () {
      const base = memoryConnectome({ subjects: 6, timePoints: 25, voxels: 12, deadVoxels: [8, 9] })
      for (const series of base.timeSeries) for (let t = 0; t < 25; t++) series[t * 12 + 5] = series[t * 12 + 3]!
      const regions = [[0], [8], [8, 9], [3, 5], [0, 1], [2, 3, 5]].map((voxels) => ({
        voxels: Int32Array.from(voxels)
      }))
      for (const connectome of [base, yield* stored(base, "int16"), yield* stored(base, "float32")]) {
        const [kept] = keptOf(yield* refinedOnEngine(connectome, regions))
        assert.deepStrictEqual(kept!.slice(0, 4), [[1], [1], [1, 1], [1, 1]])
        assert.strictEqual(
          kept![4]!.reduce((sum, flag) => sum + flag, 0),
          1
        )
        // Equal voxels stay together.
        assert.strictEqual(kept![5]![1], kept![5]![2])
      }
    })
  )

  it.effect("fits a component for each file, whose seeds then serve its subjects only", () =>
    Effect.gen(function* () {
      const source = inFiles(memoryConnectome({ subjects: 9, timePoints: 31, voxels: 90 }), [4, 2, 3])
      const regions = weighted(wideRegions(5, 90))
      const refined = yield* refinedOnEngine(source, regions, { scope: "file", percentile: 40 })
      assert.deepStrictEqual(refined.groups, [
        { first: 0, count: 4 },
        { first: 4, count: 2 },
        { first: 6, count: 3 }
      ])
      const kept = keptOf(refined)
      assert.notDeepEqual(kept[0], kept[1])
      assert.deepStrictEqual(keptOf(yield* refinedOf(source, regions, { scope: "file", percentile: 40 })), kept)
      // The same as three connectomes.
      for (const [file, { first, count }] of refined.groups.entries()) {
        const part = { ...source, timeSeries: source.timeSeries.slice(first, first + count) }
        const alone = connectomeOf(part.timeSeries, 90)
        assert.deepStrictEqual(keptOf(yield* refinedOnEngine(alone, regions, { percentile: 40 })), [kept[file]!])
      }
      const plain = yield* mapsOf(source, refined.regions)
      for (const options of [{}, { workers: 1, subjectsPerChunk: 9 }, { workers: 3, subjectsPerChunk: 2 }]) {
        const onEngine = yield* mapsOnEngine(source, refined.regions, { ...options, whole: regions })
        for (const [lesion, { maps }] of onEngine.entries()) {
          for (const [v, r] of maps.r.entries()) assert.closeTo(r, plain[lesion]!.maps.r[v]!, 2e-6)
        }
      }
    })
  )

  it.effect("does not depend on the files where the scope is the connectome", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 6, timePoints: 31, voxels: 50 })
      const regions = wideRegions(3, 50)
      const expected = keptOf(yield* refinedOnEngine(source, regions))
      assert.deepStrictEqual(keptOf(yield* refinedOnEngine(inFiles(source, [1, 3, 2]), regions)), expected)
    })
  )

  it.effect("refuses a component over a file of one subject", () =>
    Effect.gen(function* () {
      const source = inFiles(memoryConnectome({ subjects: 3, timePoints: 9, voxels: 4 }), [2, 1])
      const error = yield* Effect.flip(checkScope(source.subjects, "file"))
      assert.include(error.message, "part-1.h5 there is only one. Set pini_scope to connectome.")
      yield* checkScope(source.subjects, "connectome")
    })
  )

  it.effect("gives the maps of the kept voxels' mean", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 5, timePoints: 31, voxels: 60 })
      const regions = wideRegions(3, 60)
      const refined = yield* refinedOf(source, regions)
      const maps = yield* mapsOf(source, refined.regions)
      const direct = yield* mapsOf(source, refined.regions(source.subjects[0]!))
      assert.deepStrictEqual(maps, direct)
      assert.notDeepEqual(maps[0]!.maps.r, (yield* mapsOf(source, spreadRegions(3, 60)))[0]!.maps.r)
    })
  )
})
