import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { Chunk } from "../../src/elements/Chunk.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { seed } from "../../src/stages/Seed.ts"
import { type MemoryConnectome, memoryConnectome } from "../support/memoryConnectome.ts"
import { mean } from "../support/naiveMaps.ts"

const region = (...voxels: ReadonlyArray<number>): SeedRegion => ({ voxels: Int32Array.from(voxels) })

/** All subjects in one chunk, as ingest would give them. */
const chunkOf = ({ subjects, timeSeries, voxels }: MemoryConnectome, release: Effect.Effect<void> = Effect.void) => {
  const chunk: Chunk = {
    subjects: subjects.map((subject, index) => ({ subject, values: timeSeries[index]!.slice() })),
    voxels,
    release
  }
  return chunk
}

const seededOf = (chunks: ReadonlyArray<Chunk>, regions: ReadonlyArray<SeedRegion>) =>
  Stream.runCollect(seed(regions).transform(Stream.fromIterable(chunks)))

describe("seed", () => {
  it.effect("standardises the mean over each lesion's voxels, for subjects of any length", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 3, timePoints: [5, 12, 3], voxels: 8 })
      const regions = [region(0), region(1, 4, 7), region(0, 1, 2, 3, 4, 5, 6, 7)]
      const [chunk] = yield* seededOf([chunkOf(connectome)], regions)
      assert.strictEqual(chunk!.lesions, 3)
      for (const { subject, values, seeds, invalidSeeds } of chunk!.subjects) {
        const { timePoints } = subject
        assert.deepStrictEqual(values, connectome.timeSeries[subject.index])
        assert.deepStrictEqual([...invalidSeeds], [0, 0, 0])
        for (const [l, { voxels }] of regions.entries()) {
          const raw = Array.from({ length: timePoints }, (_, t) => mean([...voxels].map((v) => values[t * 8 + v]!)))
          const norm = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean(raw)) ** 2, 0))
          for (const [t, value] of raw.entries()) {
            assert.closeTo(seeds[l * timePoints + t]!, (value - mean(raw)) / norm, 1e-10)
          }
        }
      }
    })
  )

  it.effect("weights the mean where a region has weights", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 1, timePoints: 9, voxels: 4 })
      const weights = Float32Array.of(0.25, 1, 0.5)
      const [chunk] = yield* seededOf([chunkOf(connectome)], [{ voxels: Int32Array.of(0, 1, 3), weights }])
      const { values, seeds } = chunk!.subjects[0]!
      const raw = Array.from(
        { length: 9 },
        (_, t) => (0.25 * values[4 * t]! + values[4 * t + 1]! + 0.5 * values[4 * t + 3]!) / 1.75
      )
      const norm = Math.hypot(...raw.map((value) => value - mean(raw)))
      for (const [t, value] of raw.entries()) assert.closeTo(seeds[t]!, (value - mean(raw)) / norm, 1e-10)
    })
  )

  it.effect("marks a seed of voxels without variance or with NaN only, in that subject only, and makes it zero", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({
        subjects: 2,
        timePoints: 6,
        voxels: 5,
        deadVoxels: [3, 4],
        replaced: [{ subject: 1, timePoint: 2, voxel: 0, value: Number.NaN }]
      })
      const [chunk] = yield* seededOf([chunkOf(connectome)], [region(0), region(3, 4), region(2, 3)])
      assert.deepStrictEqual(
        chunk!.subjects.map(({ invalidSeeds }) => [...invalidSeeds]),
        [
          [0, 1, 0],
          [1, 1, 0]
        ]
      )
      const { seeds } = chunk!.subjects[1]!
      assert.isTrue(seeds.subarray(0, 12).every((value) => value === 0))
      assert.isTrue(seeds.subarray(12).every(Number.isFinite))
    })
  )

  it.effect("hands chunks on in their order, each with its own release, and releases none", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 1, timePoints: 4, voxels: 3 })
      const released: Array<number> = []
      const chunks = [0, 1, 2].map((n) =>
        chunkOf(
          connectome,
          Effect.sync(() => void released.push(n))
        )
      )
      const seeded = yield* seededOf(chunks, [region(1)])
      assert.deepStrictEqual(released, [])
      for (const chunk of seeded) yield* chunk.release
      assert.deepStrictEqual(released, [0, 1, 2])
    })
  )
})
