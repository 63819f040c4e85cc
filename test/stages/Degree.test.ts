import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as fc from "fast-check"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { layOutEngine } from "../../src/engine/engineLayout.ts"
import { meanDegree } from "../../src/kernels/degreeSums.ts"
import type { Arithmetic } from "../../src/kernels/WasmKernels.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { degree } from "../../src/stages/Degree.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { mapTiles } from "../../src/stages/MapTiles.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { type MemoryConnectome, memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { mean, naivePearson } from "../support/naiveMaps.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { slotValues } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const stored = storesIn(scratchFolder())

interface DegreeRun {
  /** 0: the plain stages. */
  readonly workers?: number
  readonly subjectsPerChunk?: number
  readonly lesions?: number
  readonly arithmetic?: Arithmetic
  /** Whether a function of the user's changes z, for which workers correlate in another way. */
  readonly mapped?: boolean
}

/** The sums of a pass: of z, and of the degree. */
const sumsOf = (connectome: Connectome, run: DegreeRun = {}) => {
  const { workers = 2, subjectsPerChunk = 3, lesions = 3, arithmetic = "strict", mapped = false } = run
  const { subjects, voxels } = connectome
  const regions = weighted(spreadRegions(lesions, voxels))
  const upToZ = Pipeline.make("without files", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(degree),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ)
  )
  const module = new URL("../support/tileFunctions.ts", import.meta.url)
  const added = reduce({ lesions, voxels, subjects: subjects.length, invalid: "zero" })
  const shape = { ...engineShape(connectome, regions, subjectsPerChunk), degree: true }
  const layer: Layer.Layer<ChunkPool, unknown> =
    workers === 0
      ? Layer.merge(ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk)), Backend.layerPlain)
      : engineLayer({ shape, workers, arithmetic })
  const ranges = Stream.fromIterable(subjectRanges(subjects.length, subjectsPerChunk))
  const changed = mapTiles({ name: "identity", module, export: "identity" })
  return Effect.map(
    Stream.runCollect(
      mapped
        ? Pipeline.stream(upToZ.pipe(Pipeline.through(changed), Pipeline.through(added)), ranges)
        : Pipeline.stream(upToZ.pipe(Pipeline.through(added)), ranges)
    ),
    ([sums]) => ({ degree: sums!.degree!.slice(), values: sums!.values.slice(), subjects: sums!.subjects })
  ).pipe(Effect.provide(Layer.merge(layer, Progress.layerOff)))
}

/** From the correlations of all pairs of voxels, by the definition. */
const naiveDegree = ({ timeSeries, voxels }: MemoryConnectome): ReadonlyArray<number> => {
  const ofSubjects = timeSeries.map((values) => {
    const series = Array.from({ length: voxels }, (_, v) => values.filter((_, i) => i % voxels === v))
    const valid = series.filter((one) => naivePearson(one, one) !== 0)
    return series.map((one) => mean(valid.map((other) => naivePearson(one, other))))
  })
  return Array.from({ length: voxels }, (_, v) => mean(ofSubjects.map((found) => found[v]!)))
}

const assertDegree = (
  found: { degree: BigInt64Array; subjects: number },
  expected: ReadonlyArray<number>,
  bound: number
) => {
  assert.strictEqual(found.degree.length, expected.length)
  for (const [v, value] of meanDegree(found.degree, found.subjects).entries()) {
    assert.closeTo(value, expected[v]!, bound, `voxel ${v}`)
  }
}

const source = memoryConnectome({
  subjects: 7,
  timePoints: [40, 40, 41, 40, 40, 140, 39],
  voxels: 270,
  deadVoxels: [7, 269],
  replaced: [
    { subject: 2, timePoint: 5, voxel: 14, value: Number.NaN },
    { subject: 4, timePoint: 0, voxel: 256, value: Number.NEGATIVE_INFINITY }
  ]
})

describe("degree", () => {
  it.effect("is the mean of each voxel's correlation with all valid voxels: plain, on the engine, and on stores", () =>
    Effect.gen(function* () {
      const expected = naiveDegree(source)
      assertDegree(yield* sumsOf(source, { workers: 0 }), expected, 1e-11)
      for (const arithmetic of ["fast", "strict"] as const) {
        assertDegree(yield* sumsOf(source, { arithmetic }), expected, 2e-7)
      }
      assertDegree(yield* sumsOf(yield* stored(source, "float32")), expected, 2e-7)
      // 16 bits move one r by up to 5e-6.
      assertDegree(yield* sumsOf(yield* stored(source, "int16")), expected, 5e-6)
    })
  )

  it.effect("is there for two subjects and one voxel", () =>
    Effect.gen(function* () {
      const two = memoryConnectome({ subjects: 2, timePoints: 9, voxels: 1 })
      for (const workers of [0, 1]) {
        assertDegree(yield* sumsOf(two, { workers, lesions: 1 }), naiveDegree(two), 1e-6)
      }
    })
  )

  it("has the same bits for any workers, chunks, lesions and functions over z, raw and on stores", () =>
    Effect.gen(function* () {
      for (const connectome of [source, yield* stored(source, "int16"), yield* stored(source, "float32")]) {
        const whole = yield* sumsOf(connectome, { workers: 1, subjectsPerChunk: 1 })
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.record({
                workers: fc.integer({ min: 1, max: 3 }),
                subjectsPerChunk: fc.integer({ min: 1, max: 7 }),
                lesions: fc.integer({ min: 1, max: 9 }),
                mapped: fc.boolean()
              }),
              async (run) => {
                const { degree, subjects } = await Effect.runPromise(sumsOf(connectome, run))
                assert.deepStrictEqual({ degree, subjects }, { degree: whole.degree, subjects: 7 })
              }
            ),
            { seed: 4, numRuns: 4 }
          )
        )
      }
    }).pipe(Effect.runPromise))

  it("is in the plan: 8 bytes a voxel for its sums, and what a chunk's subjects take, plain and on the engine", () => {
    const shape = engineShape(source, weighted(spreadRegions(3, 270)), 4)
    const onEngine = layOutEngine({ ...shape, degree: true }, 2).bytes - layOutEngine(shape, 2).bytes
    assert.closeTo(onEngine, 270 * 8 + 4 * (141 * 8 + 140 * 4), 3 * 64)
    assert.isAtLeast(degree.footprintBytes(shape), (2 * 4 + 1) * 270 * 8)
  })

  it.effect("is 0 for a voxel in the subjects in which it is invalid", () =>
    Effect.gen(function* () {
      for (const workers of [0, 2]) {
        const { degree } = yield* sumsOf(source, { workers })
        assert.deepStrictEqual([degree[7], degree[269]], [0n, 0n])
        assert.notStrictEqual(degree[14], 0n)
      }
    })
  )
})
