import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as fc from "fast-check"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import { mergeSums } from "../../src/elements/mergeSums.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { Engine } from "../../src/engine/Engine.ts"
import { fractionBits, fractionBitsOfFew } from "../../src/kernels/fixedPoint.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { connectomeOf, memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { slotValues } from "../support/runStages.ts"

const [subjects, voxels, lesions] = [9, 131, 7]
const source = memoryConnectome({
  subjects,
  timePoints: [40, 40, 41, 40, 40, 40, 39, 40, 30],
  voxels,
  deadVoxels: [7],
  replaced: [{ subject: 2, timePoint: 5, voxel: 14, value: Number.NaN }]
})
const regions: ReadonlyArray<SeedRegion> = weighted(spreadRegions(lesions, voxels))

interface Run {
  readonly workers: number
  readonly subjectsPerChunk: number
}

/** The sums over some subjects of the source, in this order; without workers, by the plain stages. */
const sumsOver = (part: ReadonlyArray<number>, { workers, subjectsPerChunk }: Run) => {
  const connectome = connectomeOf(
    part.map((subject) => source.timeSeries[subject]!),
    voxels
  )
  const pipeline = Pipeline.make("sums", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(reduce({ lesions, voxels, subjects, invalid: "zero" }))
  )
  const layer: Layer.Layer<ChunkPool, unknown> =
    workers === 0
      ? ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk))
      : Engine.layer({ shape: engineShape(connectome, regions, subjectsPerChunk), workers, arithmetic: "strict" })
  return Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(part.length, subjectsPerChunk))).pipe(
    Stream.runCollect,
    Effect.map(([sums]) => sums!),
    Effect.provide(Layer.merge(layer, Progress.layerOff)),
    Effect.runPromise
  )
}

const mapsOf = (sums: ConnectivitySums) =>
  Effect.runPromise(
    Stream.runCollect(statistics({ fdrAlpha: 0.05, tThreshold: 2 }).transform(Stream.make(sums))).pipe(
      Effect.map((maps) => [...maps])
    )
  )

/** In rows, whatever way they lay before. */
const inRows = (sums: ConnectivitySums): ConnectivitySums => mergeSums(noSums(sums), sums)

/** All subjects, in any order, cut into parts anywhere. */
const partitions = fc
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

/** Merges two of the sums after another, as the numbers say, until one is left. */
const mergeInOrder = (parts: ReadonlyArray<ConnectivitySums>, choices: ReadonlyArray<number>): ConnectivitySums => {
  const left = [...parts]
  for (let n = 0; left.length > 1; n++) {
    const take = () => left.splice(choices[n % choices.length]! % left.length, 1)[0]!
    left.push(mergeSums(take(), take()))
  }
  return left[0]!
}

const small = fc.record({
  values: fc.array(fc.bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), { minLength: 12, maxLength: 12 }),
  subjects: fc.integer({ min: 1, max: 1000 }),
  invalidVoxels: fc.nat(100),
  invalidSeeds: fc.array(fc.nat(9), { minLength: 2, maxLength: 2 })
})

const sumsFrom = (given: typeof small extends fc.Arbitrary<infer A> ? A : never): ConnectivitySums => ({
  ...noSums({ lesions: 2, voxels: 3, fractionBits }),
  ...given,
  values: BigInt64Array.from(given.values),
  invalidSeeds: Uint32Array.from(given.invalidSeeds)
})

describe("mergeSums", () => {
  it("is associative and commutative, and nothing changes where sums over no subject are added", () => {
    fc.assert(
      fc.property(small, small, small, (...given) => {
        const [a, b, c] = given.map(sumsFrom) as [ConnectivitySums, ConnectivitySums, ConnectivitySums]
        assert.deepStrictEqual(mergeSums(a, b), mergeSums(b, a))
        assert.deepStrictEqual(mergeSums(mergeSums(a, b), c), mergeSums(a, mergeSums(b, c)))
        assert.deepStrictEqual(mergeSums(a, noSums(a)), a)
      }),
      { seed: 1 }
    )
  })

  it("refuses sums of another shape or unit, and more subjects than the unit has room for", () => {
    const sums = noSums({ lesions: 2, voxels: 3, fractionBits })
    for (const other of [
      { ...sums, lesions: 3 },
      { ...sums, voxels: 4 },
      { ...sums, fractionBits: fractionBitsOfFew }
    ]) {
      assert.throws(() => mergeSums(sums, other), RangeError, "cannot be merged")
    }
    assert.strictEqual(mergeSums({ ...sums, subjects: 50_000 }, { ...sums, subjects: 50_000 }).subjects, 100_000)
    assert.throws(() => mergeSums({ ...sums, subjects: 90_000 }, { ...sums, subjects: 90_000 }), RangeError, "180000")
  })

  for (const [name, runs, workers] of [
    ["by the plain stages", 25, fc.constant(0)],
    ["on the engine", 6, fc.integer({ min: 1, max: 3 })]
  ] as const) {
    it(`${name}: any partition, order of subjects and of merging gives the same sums and maps`, async () => {
      const whole = inRows(
        await sumsOver(
          Array.from({ length: subjects }, (_, subject) => subject),
          { workers: name === "on the engine" ? 1 : 0, subjectsPerChunk: 1 }
        )
      )
      const maps = await mapsOf(whole)
      await fc.assert(
        fc.asyncProperty(
          partitions,
          fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
          workers,
          fc.integer({ min: 1, max: 4 }),
          async (parts, choices, workers, subjectsPerChunk) => {
            const sums: Array<ConnectivitySums> = []
            for (const part of parts) sums.push(await sumsOver(part, { workers, subjectsPerChunk }))
            const merged = inRows(mergeInOrder(sums, choices))
            assert.deepStrictEqual(merged, whole)
            assert.deepStrictEqual(await mapsOf(merged), maps)
          }
        ),
        { seed: 2, numRuns: runs }
      )
    })
  }

  it("subjects in reverse order give the same sums and maps, and workers make the same maps of sums that lie elsewhere", async () => {
    const inOrder = Array.from({ length: subjects }, (_, subject) => subject)
    const forth = await sumsOver(inOrder, { workers: 2, subjectsPerChunk: 3 })
    const back = await sumsOver(inOrder.toReversed(), { workers: 2, subjectsPerChunk: 2 })
    assert.deepStrictEqual(back.values, forth.values)
    const maps = await mapsOf(forth)
    assert.deepStrictEqual(await mapsOf(back), maps)
    const shape = engineShape(source, regions, 1)
    const onEngine = await Effect.runPromise(
      Stream.runCollect(statistics({ fdrAlpha: 0.05, tThreshold: 2 }).transform(Stream.make(forth))).pipe(
        Effect.provide(Engine.layer({ shape, workers: 2, arithmetic: "strict" }))
      )
    )
    assert.deepStrictEqual([...onEngine], maps)
  })
})
