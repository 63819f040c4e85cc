import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import * as fc from "fast-check"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { chooseBackend, describeBackend } from "../../src/engine/chooseBackend.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { mapTiles } from "../../src/stages/MapTiles.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import {
  type MemoryConnectome,
  memoryConnectome,
  spoiltConnectome,
  spreadRegions,
  weighted,
  withWholeBrain
} from "../support/memoryConnectome.ts"
import { engineShape, mapsOnEngine } from "../support/runOnEngine.ts"
import { mapsOf, type StageOfZ, upToZ } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const functions = new URL("../support/tileFunctions.ts", import.meta.url)

const named = (name: string, parameters?: unknown): StageOfZ =>
  mapTiles({ name, module: functions, export: name, parameters })

const winsorise = (limit: number): StageOfZ =>
  mapTiles({
    name: "winsorise",
    module: new URL("../../examples/winsorise.ts", import.meta.url),
    export: "winsorise",
    parameters: { limit }
  })

/** None of them makes differences larger, so that the project's bounds hold for what they leave. */
const rowsOfStages: ReadonlyArray<ReadonlyArray<StageOfZ>> = [
  [winsorise(0.55)],
  [named("shrink", { by: 0.05 })],
  [named("scale", { factors: Float64Array.of(0, -1), which: 1 }), winsorise(0.3), named("shrink", { by: 0.02 })]
]

const assertWithinBounds = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    for (const [v, r] of maps.r.entries()) {
      assert.isAtMost(Math.abs(actual[l]!.maps.r[v]! - r), 2e-6, `r of lesion ${l}, voxel ${v}`)
      assert.isAtMost(Math.abs(actual[l]!.maps.z[v]! - maps.z[v]!), 2e-6 / Math.max(1 - r * r, 2 ** -23))
    }
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

const assertSameBits = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, invalidSeeds, invalidVoxels }] of expected.entries()) {
    assert.deepStrictEqual(actual[l]!.maps, maps)
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

const shapes = fc.record({
  subjects: fc.integer({ min: 2, max: 5 }),
  timePoints: fc.array(fc.integer({ min: 12, max: 70 }), { minLength: 5, maxLength: 5 }),
  voxels: fc.integer({ min: 3, max: 150 }),
  lesions: fc.integer({ min: 1, max: 60 }),
  seed: fc.nat(),
  deadVoxel: fc.nat(),
  nanVoxel: fc.nat(),
  workers: fc.integer({ min: 1, max: 3 }),
  subjectsPerChunk: fc.integer({ min: 1, max: 3 }),
  arithmetic: fc.constantFrom("fast" as const, "strict" as const),
  ofZ: fc.constantFrom(...rowsOfStages)
})

describe("functions of the user's over z, on the workers", () => {
  const stored = storesIn(scratchFolder())

  it.effect("give what the plain stages give with them, for any shape", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(shapes, ({ ofZ, ...shape }) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const connectome = spoiltConnectome(shape)
              const regions = withWholeBrain(weighted(spreadRegions(shape.lesions, shape.voxels)), shape.voxels)
              const fused = yield* mapsOnEngine(connectome, regions, { ...shape, ofZ })
              assertWithinBounds(fused, yield* mapsOf(connectome, regions, { ofZ }))
            })
          )
        ),
        { seed: 71, numRuns: 16 }
      )
    )
  )

  for (const precision of ["int16", "float32"] as const) {
    it.effect(`give on a store what the plain stages give from it, for any shape: ${precision}`, () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(shapes, ({ ofZ, ...shape }) =>
            Effect.runPromise(
              Effect.gen(function* () {
                const connectome = yield* stored(spoiltConnectome(shape), precision)
                const regions = withWholeBrain(weighted(spreadRegions(shape.lesions, shape.voxels)), shape.voxels)
                const fused = yield* mapsOnEngine(connectome, regions, { ...shape, ofZ })
                assertWithinBounds(fused, yield* mapsOf(connectome, regions, { ofZ }))
              })
            )
          ),
          { seed: 72, numRuns: 8 }
        )
      )
    )
  }

  it.effect("change nothing where they change no z: the bits are those of the fused stages", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 5, timePoints: [40, 40, 41, 40, 39], voxels: 1003, deadVoxels: [7] })
      const regions = weighted(spreadRegions(53, 1003))
      const ofZ = [named("identity"), named("identity")]
      for (const connectome of [source, yield* stored(source, "int16", 17), yield* stored(source, "float32", 126)]) {
        assertSameBits(yield* mapsOnEngine(connectome, regions, { ofZ }), yield* mapsOnEngine(connectome, regions))
      }
    })
  )

  it.effect("give the same bits for 1, 2 and 3 workers, any chunk size and any batch", () =>
    Effect.gen(function* () {
      const source = memoryConnectome({ subjects: 7, timePoints: [40, 40, 41, 40, 40, 40, 39], voxels: 1003 })
      const regions = weighted(spreadRegions(55, 1003))
      const ofZ = rowsOfStages[2]!
      for (const connectome of [source, yield* stored(source, "int16", 17)]) {
        const expected = yield* mapsOnEngine(connectome, regions, { workers: 1, subjectsPerChunk: 1, ofZ })
        for (const workers of [1, 2, 3]) {
          for (const subjectsPerChunk of [2, 3, 7]) {
            assertSameBits(yield* mapsOnEngine(connectome, regions, { workers, subjectsPerChunk, ofZ }), expected)
          }
        }
        for (let first = 0; first < regions.length; first += 20) {
          const batch = yield* mapsOnEngine(connectome, regions.slice(first, first + 20), { ofZ })
          assertSameBits(batch, expected.slice(first, first + 20))
        }
      }
    })
  )

  it.effect("may make anything of what only fills a tile up: it is neither summed nor an error", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 4, timePoints: 30, voxels: 21 })
      const regions = spreadRegions(7, 21)
      const ofZ = [named("invert")]
      const [fused, plain] = [
        yield* mapsOnEngine(connectome, regions, { ofZ }),
        yield* mapsOf(connectome, regions, { ofZ })
      ]
      for (const [l, { maps }] of plain.entries()) {
        // 0.01/z makes differences of small z larger; but what has the other sign or is off by more would be another voxel's.
        for (const [v, r] of maps.r.entries()) assert.closeTo(fused[l]!.maps.r[v]!, r, 1e-2)
      }
    })
  )
})

describe("a row with functions of the user's", () => {
  const connectome = memoryConnectome({ subjects: 5, timePoints: 20, voxels: 9 })
  const pipelineOf = (ofZ: ReadonlyArray<StageOfZ>) =>
    upToZ(connectome, spreadRegions(2, 9), ofZ).pipe(
      Pipeline.through(reduce({ lesions: 2, voxels: 9, subjects: 5, invalid: "zero" }))
    )
  const own: StageOfZ = { name: "own", transform: Stream.map((tile) => tile), footprintBytes: () => 0 }
  const stepsOf = (ofZ: ReadonlyArray<StageOfZ>) =>
    Effect.map(chooseBackend(5, { workers: 2, arithmetic: "fast" }), (chosen) =>
      describeBackend(chosen, pipelineOf(ofZ).stages)
    )

  it.effect("is a step of the plan and the manifest, with the stages' own names", () =>
    Effect.gen(function* () {
      const { steps } = yield* stepsOf([winsorise(1), named("identity")])
      assert.deepStrictEqual(
        steps.map(({ name }) => name),
        ["ingest", "fused: seed, correlate, fisherZ, winsorise, identity, reduce"]
      )
    })
  )

  it.effect("runs plain where a stage without a module stands in it, and says which", () =>
    Effect.gen(function* () {
      const { steps } = yield* stepsOf([winsorise(1), own])
      assert.deepStrictEqual(
        steps.slice(1).map(({ name, plain_because }) => [name, plain_because]),
        [
          ...["seed", "correlate", "fisherZ", "winsorise"].map((name) => [name, "own stands in its row"]),
          ["own", undefined],
          ["reduce", "own stands in its row"]
        ]
      )
    })
  )
})

describe("functions of the user's that cannot be used", () => {
  const regions = spreadRegions(9, 30)
  const options = { subjects: 6, timePoints: 20, voxels: 30 }
  type Run = typeof mapsOf | typeof mapsOnEngine
  const failing =
    (maps: Run) =>
    (connectome: MemoryConnectome, ofZ: ReadonlyArray<StageOfZ>, lesions = regions) =>
      Effect.flip(maps(connectome, lesions, { ofZ, subjectsPerChunk: 2 }))
  const runs = { "on the engine": failing(mapsOnEngine), "by the plain stages": failing(mapsOf) }
  const missing = new URL("../support/notThere.ts", import.meta.url)
  const broken = new URL("../support/brokenModule.ts", import.meta.url)
  const before: ReadonlyArray<readonly [string, StageOfZ, RegExp]> = [
    ["a module that is missing", mapTiles({ name: "a", module: missing, export: "a" }), /notThere\.ts/],
    [
      "a module that throws when it is imported",
      mapTiles({ name: "a", module: broken, export: "a" }),
      /brokenModule\.ts cannot be used: this module cannot be loaded/
    ],
    [
      "an export that is missing",
      mapTiles({ name: "mine", module: functions, export: "winsorize" }),
      /stage mine: the function winsorize of file:.*tileFunctions\.ts cannot be used: there is no such export; its functions are .*shrink/
    ],
    [
      "an export that is no function",
      mapTiles({ name: "mine", module: functions, export: "notAFunction" }),
      /the function notAFunction of file:.*that export is no function/
    ],
    [
      "parameters that cannot be sent to a worker",
      mapTiles({ name: "mine", module: functions, export: "shrink", parameters: { by: () => 1 } }),
      /the function shrink of .*could not be cloned/
    ]
  ]
  const during: ReadonlyArray<readonly [string, StageOfZ, RegExp]> = [
    ["one that throws", named("fail"), /stage fail: the function fail of file:.* failed: this cannot be transformed/],
    ["one that throws no Error", named("failWithText"), /failWithText of file:.* failed: only a text/],
    ["one that is asynchronous", named("asynchronous"), /asynchronous of file:.* failed: it is asynchronous/]
  ]

  for (const [where, run] of Object.entries(runs)) {
    for (const [what, stage, says] of before) {
      it.effect(`${what} is an error before anything is read, ${where}`, () =>
        Effect.gen(function* () {
          const connectome = memoryConnectome(options)
          const error = yield* run(connectome, [named("identity"), stage])
          assert.strictEqual(error._tag, "TileFunctionMissing")
          assert.match(error.message, says)
          assert.deepStrictEqual(connectome.readings, [])
        })
      )
    }
    for (const [what, stage, says] of during) {
      it.effect(`${what} fails the run, ${where}`, () =>
        Effect.gen(function* () {
          const error = yield* run(memoryConnectome(options), [named("identity"), stage])
          assert.strictEqual(error._tag, "TileFunctionFailed")
          assert.match(error.message, says)
        })
      )
    }
    it.effect(`a z that is NaN or cannot be summed names the first subject that has one, ${where}`, () =>
      Effect.gen(function* () {
        // r of a lesion of one voxel is 1 at that voxel, but in subjects where this has no variance.
        const dead = [0, 1, 2].flatMap((subject) =>
          Array.from({ length: options.timePoints }, (_, timePoint) => ({ subject, timePoint, voxel: 0, value: 5 }))
        )
        const connectome = memoryConnectome({ ...options, replaced: dead })
        for (const to of [Number.NaN, Number.POSITIVE_INFINITY, -46]) {
          const stage = named("spoil", { at: Math.atanh(1 - 2 ** -23), within: 1e-3, to })
          const error = yield* run(connectome, [stage], [{ voxels: Int32Array.of(0) }, { voxels: Int32Array.of(3, 9) }])
          assert.strictEqual(error._tag, "UnboundedZ")
          assert.match(error.message, /^memory: subject subject-3: a z is NaN or beyond ±45\.3/)
        }
      })
    )
  }

  it.live("leave the engine as it was: the next run gives the maps that it gave before", () => {
    const connectome = memoryConnectome(options)
    const run = (ofZ: ReadonlyArray<StageOfZ>) =>
      Pipeline.stream(
        upToZ(connectome, regions, ofZ).pipe(
          Pipeline.through(reduce({ lesions: 9, voxels: 30, subjects: 6, invalid: "zero" }))
        ),
        Stream.fromIterable(subjectRanges(6, 2))
      ).pipe(
        Stream.map(({ values }) => values.slice()),
        Stream.runCollect
      )
    return Effect.gen(function* () {
      const [first] = yield* run([winsorise(0.3)])
      for (const stage of [...before, ...during].map(([, stage]) => stage)) {
        yield* Effect.flip(run([stage]))
        assert.deepStrictEqual(yield* run([winsorise(0.3)]), [first])
      }
    }).pipe(
      Effect.provide(
        Layer.merge(
          engineLayer({ shape: engineShape(connectome, regions, 2), workers: 2, arithmetic: "fast" }),
          Progress.layerOff
        )
      ),
      Effect.timeout("60 seconds")
    )
  })
})
