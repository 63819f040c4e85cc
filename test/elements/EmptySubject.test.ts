import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import type { EmptySubject } from "../../src/elements/EmptySubject.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { connectomeOf, type MemoryConnectome, memoryConnectome } from "../support/memoryConnectome.ts"
import { naiveMaps } from "../support/naiveMaps.ts"
import { lesionVoxelsOf, lesionVoxelsOnEngine, refinedOf, refinedOnEngine } from "../support/refineSeeds.ts"
import { mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const stored = storesIn(scratchFolder())

const voxels = 40
const timePoints = 25

/** The value of a voxel at a time point of the third subject; undefined: as it is. */
type Change = (timePoint: number, voxel: number) => number | undefined

const changed = (change: Change): MemoryConnectome => {
  const { timeSeries } = memoryConnectome({ subjects: 5, timePoints, voxels })
  const third = timeSeries[2]!.map((value, i) => change(Math.floor(i / voxels), i % voxels) ?? value)
  return connectomeOf(timeSeries.with(2, third), voxels)
}

const regions: ReadonlyArray<SeedRegion> = [
  { voxels: Int32Array.of(1, 2, 3, 9) },
  { voxels: Int32Array.of(9, 10), weights: Float32Array.of(0.5, 2) }
]

const forms = (source: MemoryConnectome) =>
  Effect.all({ raw: Effect.succeed(source), int16: stored(source, "int16"), float32: stored(source, "float32") })

/** The problem of the third subject, which must be what a run fails with. */
const problemOf = (run: Effect.Effect<unknown, unknown>, { subjects }: Connectome) =>
  Effect.map(Effect.flip(Effect.asVoid(run)), (failure) => {
    const { _tag, subject, file, problem, message } = failure as EmptySubject
    assert.deepStrictEqual([_tag, file, subject], ["EmptySubject", subjects[2]!.file, subjects[2]!.id])
    assert.isTrue(message.startsWith(`${file}: subject ${subject}: ${problem}. `), message)
    return problem
  })

describe("an empty subject", () => {
  const cases: Readonly<Record<string, { readonly change: Change; readonly raw: string; readonly store: string }>> = {
    "whose rows were never written": {
      change: () => 0,
      raw: "the signal is constant in every voxel of the brain mask: all is 0, as where rows were never written or the source of a virtual dataset is missing",
      store: "the signal is constant in every voxel of the brain mask"
    },
    "that is constant": {
      change: (_, voxel) => 100 + voxel,
      raw: "the signal is constant in every voxel of the brain mask",
      store: "the signal is constant in every voxel of the brain mask"
    },
    "with volumes that are NaN everywhere": {
      change: (t) => (t === 7 || t === 11 ? Number.NaN : undefined),
      raw: "every voxel of the brain mask is NaN or infinite at time point 7, 11 (the first is 0)",
      store: "40 of 40 voxels of the brain mask hold a NaN or infinity"
    },
    "that is NaN throughout": {
      change: () => Number.NaN,
      raw: "40 of 40 voxels of the brain mask hold a NaN or infinity",
      store: "40 of 40 voxels of the brain mask hold a NaN or infinity"
    },
    "that is constant in some voxels and not finite in the others": {
      change: (t, voxel) => (voxel < 30 ? 5 : t === 3 ? Number.POSITIVE_INFINITY : undefined),
      raw: "no voxel has a valid time series: 30 of 40 voxels of the brain mask are constant, 10 of 40 voxels of the brain mask hold a NaN or infinity (10 at time point 3 (the first is 0))",
      store:
        "no voxel has a valid time series: 30 of 40 voxels of the brain mask are constant, 10 of 40 voxels of the brain mask hold a NaN or infinity"
    },
    "without a valid voxel in any lesion": {
      change: (t, voxel) => (voxel < 12 ? (t === 4 && voxel > 8 ? Number.NaN : 5) : undefined),
      raw: "no lesion has a voxel with a valid time series: 9 of 40 voxels of the brain mask are constant, 3 of 40 voxels of the brain mask hold a NaN or infinity (3 at time point 4 (the first is 0))",
      store:
        "no lesion has a voxel with a valid time series: 9 of 40 voxels of the brain mask are constant, 3 of 40 voxels of the brain mask hold a NaN or infinity"
    }
  }
  for (const [name, { change, raw, store }] of Object.entries(cases)) {
    it.effect(`${name} is an error that names file and subject, raw and on a store, plain and on the engine`, () =>
      Effect.gen(function* () {
        const source = changed(change)
        assert.strictEqual(yield* problemOf(mapsOf(source, regions), source), raw)
        assert.strictEqual(yield* problemOf(mapsOnEngine(source, regions), source), raw)
        const onStore = yield* stored(source, "int16")
        assert.strictEqual(yield* problemOf(mapsOnEngine(onStore, regions), onStore), store)
        // A store read by the plain stages does not tell at which time points; what lay there reads as 0.
        assert.isTrue((yield* problemOf(mapsOf(onStore, regions), onStore)).startsWith(store))
      })
    )
  }

  it.effect("is found before seeds are refined", () =>
    Effect.gen(function* () {
      for (const { change, raw, store } of Object.values(cases).slice(-2)) {
        const source = changed(change)
        assert.strictEqual(yield* problemOf(refinedOf(source, regions), source), raw)
        assert.strictEqual(yield* problemOf(refinedOnEngine(source, regions), source), raw)
        const onStore = yield* stored(source, "float32")
        assert.strictEqual(yield* problemOf(refinedOnEngine(onStore, regions), onStore), store)
      }
    })
  )

  it.effect("is told by all lesions of the study, not by those of a pass", () =>
    Effect.gen(function* () {
      const source = changed((t, voxel) => (voxel === 9 || voxel === 10 ? (t === 3 ? Number.NaN : 4) : undefined))
      for (const connectome of [source, yield* stored(source, "int16")]) {
        const whole = yield* mapsOnEngine(connectome, regions)
        assert.deepStrictEqual(
          whole.map(({ invalidSeeds }) => invalidSeeds),
          [0, 1]
        )
        const pass = regions.slice(1)
        const [alone] = yield* mapsOnEngine(connectome, pass, { all: regions })
        assert.deepStrictEqual(alone!.maps, whole[1]!.maps)
        assert.strictEqual((yield* mapsOf(connectome, pass, { all: regions }))[0]!.invalidSeeds, 1)
        const error = yield* Effect.flip(mapsOnEngine(connectome, pass))
        assert.strictEqual(error._tag, "EmptySubject")
      }
    })
  )
})

describe("a voxel with a NaN or infinity", () => {
  /** In lesions and outside of them, alone and beside one without variance. */
  const change: Change = (t, voxel) => {
    if (voxel === 2 && t === 0) return Number.NaN
    if (voxel === 9 && t === timePoints - 1) return Number.NEGATIVE_INFINITY
    if (voxel === 3) return 77
    return voxel === 30 && t === 5 ? Number.NaN : undefined
  }
  const source = changed(change)
  const unweighted = regions.map(({ voxels }) => ({ voxels }))

  it.effect("leaves the seed of that subject, on raw time series and on a store, plain and on the engine", () =>
    Effect.gen(function* () {
      const expected = naiveMaps(
        source.timeSeries,
        voxels,
        unweighted.map(({ voxels }) => voxels)
      )
      for (const [form, connectome] of Object.entries(yield* forms(source))) {
        const bound = form === "int16" ? 2e-5 : 2e-6
        for (const maps of [yield* mapsOf(connectome, unweighted), yield* mapsOnEngine(connectome, unweighted)]) {
          for (const [lesion, { r }] of expected.entries()) {
            for (const [voxel, value] of r.entries()) {
              assert.closeTo(maps[lesion]!.maps.r[voxel]!, value, bound, `${form}, lesion ${lesion}, voxel ${voxel}`)
            }
            assert.deepStrictEqual([maps[lesion]!.invalidSeeds, maps[lesion]!.invalidVoxels], [0, 4])
          }
        }
      }
    })
  )

  it.effect("gives the same bits for any workers, chunks and batches", () =>
    Effect.gen(function* () {
      for (const connectome of [source, yield* stored(source, "int16")]) {
        const expected = yield* mapsOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
        const maps = yield* mapsOnEngine(connectome, regions, { workers: 3, subjectsPerChunk: 2 })
        const [alone] = yield* mapsOnEngine(connectome, regions.slice(1), { subjectsPerChunk: 5, all: regions })
        for (const [lesion, one] of expected.entries()) assert.deepStrictEqual(maps[lesion]!.maps, one.maps)
        assert.deepStrictEqual(alone!.maps, expected[1]!.maps)
        const within = yield* lesionVoxelsOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1 })
        assert.deepStrictEqual(
          yield* lesionVoxelsOnEngine(connectome, regions, { workers: 3, subjectsPerChunk: 4 }),
          within
        )
        const plain = yield* lesionVoxelsOf(connectome, regions)
        for (const [i, r] of plain.entries()) assert.closeTo(within[i]! / 2 ** 30, r / 2 ** 30, 1e-6)
      }
    })
  )

  it.effect("leaves all other subjects as they are, to the bit: a lesion without it does not change", () =>
    Effect.gen(function* () {
      const clean = memoryConnectome({ subjects: 5, timePoints, voxels })
      const elsewhere = [{ voxels: Int32Array.of(20, 21) }]
      const [before] = yield* mapsOnEngine(clean, elsewhere)
      // The second lesion makes that subject's seeds anew.
      const [after] = yield* mapsOnEngine(source, [...elsewhere, ...regions])
      for (let voxel = 0; voxel < voxels; voxel++) {
        if ([2, 3, 9, 30].includes(voxel)) continue
        assert.strictEqual(after!.maps.t[voxel], before!.maps.t[voxel])
      }
    })
  )
})
