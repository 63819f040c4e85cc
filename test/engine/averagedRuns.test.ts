/** Subjects over whose runs r is averaged: the engine gives what the plain stages give, and these what the definition says. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { type MemoryConnectome, memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { lesionVoxelsOf, lesionVoxelsOnEngine } from "../support/refineSeeds.ts"
import { mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf } from "../support/runStages.ts"

const voxels = 2503

/** Runs of each subject: of one alone, of two and three of the same or another total. */
const runs = [[35], [20, 15], [15, 20], [10, 12, 13], [24, 18]]

const averaging = (connectome: MemoryConnectome): MemoryConnectome => ({
  ...connectome,
  subjects: connectome.subjects.map((subject, n) => ({
    ...subject,
    averagesRuns: true,
    runs: runs[n]!.map((timePoints) => ({ file: "memory", timePoints }))
  }))
})

/** Voxel 3 is constant in the second run of the second subject, voxel 5 holds a NaN in the third. */
const connectome = averaging(
  memoryConnectome({
    subjects: runs.length,
    timePoints: runs.map((each) => each.reduce((sum, length) => sum + length, 0)),
    voxels,
    replaced: [
      ...Array.from({ length: 15 }, (_, t) => ({ subject: 1, timePoint: 20 + t, voxel: 3, value: 4000 })),
      { subject: 2, timePoint: 7, voxel: 5, value: Number.NaN }
    ]
  })
)

const regions = weighted(spreadRegions(8, voxels))

/** Mean over subjects of atanh of the mean over runs of r, in float64 and by its definition. */
const expectedZ = (lesion: number, voxel: number): number => {
  const { voxels: members, weights } = regions[lesion] as { voxels: Int32Array; weights?: Float32Array }
  const zs = runs.map((lengths, subject) => {
    const values = connectome.timeSeries[subject]!
    let start = 0
    const rs = lengths.map((length) => {
      const times = Array.from({ length }, (_, t) => start + t)
      start += length
      const x = times.map((t) => values[t * voxels + voxel]!)
      const y = times.map((t) =>
        members.reduce((sum, member, n) => sum + (weights?.[n] ?? 1) * values[t * voxels + member]!, 0)
      )
      return pearson(x, y)
    })
    return Math.atanh(rs.reduce((sum, r) => sum + r, 0) / rs.length)
  })
  return zs.reduce((sum, z) => sum + z, 0) / zs.length
}

const pearson = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const centred = (values: ReadonlyArray<number>) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.map((value) => value - mean)
  }
  const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
    a.reduce((sum, value, n) => sum + value * b[n]!, 0)
  const [a, b] = [centred(x), centred(y)]
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

/** The project's bounds against float64. */
const assertWithinBounds = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    for (const [v, r] of maps.r.entries()) assert.closeTo(actual[l]!.maps.r[v]!, r, 2e-6, `lesion ${l}, voxel ${v}`)
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

describe("subjects over whose runs r is averaged", () => {
  it.effect("give atanh of the mean r by the plain stages", () =>
    Effect.gen(function* () {
      const plain = yield* mapsOf(connectome, regions)
      // Neither the voxels that are invalid in a run, nor lesions that have one of them, nor the seeds' own voxels.
      for (const lesion of [2, 4, 6]) {
        for (const voxel of [100, 1023, 2048, 2502]) {
          assert.closeTo(plain[lesion]!.maps.z[voxel]!, expectedZ(lesion, voxel), 2e-6)
        }
      }
      // A voxel that is constant in one run of a subject, and one with a NaN.
      assert.strictEqual(plain[0]!.invalidVoxels, 2)
    })
  )

  it.effect("give the same on the engine, with the same bits for any workers and chunks", () =>
    Effect.gen(function* () {
      const expected = yield* mapsOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
      assertWithinBounds(expected, yield* mapsOf(connectome, regions))
      for (const [workers, subjectsPerChunk] of [
        [2, 5],
        [3, 2]
      ] as const) {
        const maps = yield* mapsOnEngine(connectome, regions, { workers, subjectsPerChunk })
        for (const [l, { maps: wanted }] of expected.entries()) assert.deepStrictEqual(maps[l]!.maps, wanted)
      }
    })
  )

  it.effect("give the same first pass of PINI on the engine", () =>
    Effect.gen(function* () {
      const unweighted = spreadRegions(8, voxels)
      const plain = yield* lesionVoxelsOf(connectome, unweighted)
      const engine = yield* lesionVoxelsOnEngine(connectome, unweighted)
      assert.strictEqual(engine.length, plain.length)
      // r · 2³⁰; the bound that r keeps against float64.
      for (const [n, r] of plain.entries()) assert.closeTo(engine[n]! / 2 ** 30, r / 2 ** 30, 2e-6)
      const joined = memoryConnectome({ subjects: runs.length, timePoints: [35, 35, 35, 35, 42], voxels })
      assert.notDeepEqual([...(yield* lesionVoxelsOf(joined, unweighted))], [...plain])
    })
  )
})
