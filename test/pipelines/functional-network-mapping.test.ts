import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Latch, Layer, Stream } from "effect"
import * as fc from "fast-check"
import { run } from "../../pipelines/functional-network-mapping/runStudy.ts"
import type { Study } from "../../pipelines/functional-network-mapping/Study.ts"
import { functionalNetworkMapping } from "../../pipelines/functional-network-mapping.ts"
import { type Connectome, ConnectomeUnreadable } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import { type ChosenBackend, chooseBackend, describeBackend } from "../../src/engine/chooseBackend.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { Checksums } from "../../src/output/Checksums.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { makePlan } from "../../src/runtime/Plan.ts"
import type { ProblemShape } from "../../src/runtime/ProblemShape.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import {
  type MemoryConnectomeOptions,
  memoryConnectome,
  spreadRegions,
  withWholeBrain
} from "../support/memoryConnectome.ts"
import { naiveMaps } from "../support/naiveMaps.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"
import { outputFolderWith } from "../support/outputFolderWith.ts"
import { lesionOf, mapsOf, observedPool, slotValues } from "../support/runStages.ts"

const statisticNames = ["r", "z", "t", "sd", "p", "pfdr"] as const

interface Problem extends MemoryConnectomeOptions {
  readonly lesions: number
}

const problems: fc.Arbitrary<Problem> = fc
  .record({
    subjects: fc.integer({ min: 2, max: 7 }),
    timePoints: fc.array(fc.integer({ min: 3, max: 60 }), { minLength: 7, maxLength: 7 }),
    voxels: fc.integer({ min: 2, max: 200 }),
    lesions: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
    deadVoxel: fc.option(fc.nat())
  })
  .map(({ timePoints, deadVoxel, ...problem }) => ({
    ...problem,
    timePoints: timePoints.slice(0, problem.subjects),
    deadVoxels: deadVoxel === null ? [] : [deadVoxel % problem.voxels]
  }))

/** Lesions in batches of these sizes, again and again until all are done. */
const cut = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

const assertSameBits = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [l, { maps, masks, invalidSeeds, invalidVoxels }] of expected.entries()) {
    assert.deepStrictEqual(actual[l]!.maps, maps)
    assert.deepStrictEqual(actual[l]!.masks, masks)
    assert.deepStrictEqual([actual[l]!.invalidSeeds, actual[l]!.invalidVoxels], [invalidSeeds, invalidVoxels])
  }
}

describe("functional network mapping, the maps", () => {
  it.effect("are the same to the bit for any chunk size, any batch size and any number of slots", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          problems,
          fc.integer({ min: 1, max: 7 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 3 }),
          (problem, subjectsPerChunk, batchSize, slots) =>
            Effect.gen(function* () {
              const connectome = memoryConnectome(problem)
              const regions = withWholeBrain(spreadRegions(problem.lesions, problem.voxels), problem.voxels)
              const expected = yield* mapsOf(connectome, regions)
              const batches = yield* Effect.forEach(cut(regions, batchSize), (batch) =>
                mapsOf(connectome, batch, { subjectsPerChunk, slots, all: regions })
              )
              assertSameBits(batches.flat(), expected)
            }).pipe(Effect.runPromise)
        ),
        { seed: 1, numRuns: 40 }
      )
    )
  )

  it.effect("of a batch are those of each lesion alone", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 5, timePoints: 31, voxels: 77 })
      const regions = spreadRegions(9, 77)
      const alone = yield* Effect.forEach(regions, (region) => mapsOf(connectome, [region]))
      assertSameBits(yield* mapsOf(connectome, regions), alone.flat())
    })
  )

  it.effect("agree with a naive computation in float64 to 1e-9", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(problems, (problem) =>
          Effect.gen(function* () {
            const connectome = memoryConnectome(problem)
            const regions = spreadRegions(problem.lesions, problem.voxels)
            const results = yield* mapsOf(connectome, regions, { subjectsPerChunk: 2 })
            const expected = naiveMaps(
              connectome.timeSeries,
              problem.voxels,
              regions.map(({ voxels }) => voxels)
            )
            for (const [l, { maps }] of results.entries()) {
              for (let v = 0; v < problem.voxels; v++) {
                const naive = expected[l]!
                const where = `lesion ${l}, voxel ${v}`
                // An r near 1 (three time points) makes z of it large, and its error too.
                const steepness = 1 + 1e-4 / (1 - Math.abs(naive.r[v]!) + 1e-12)
                // Sums lose as many digits of t as Σz² is larger than the spread; p follows t.
                const tolerance = 1e-9 * (1 + 1e-4 * naive.condition[v]!) * steepness
                assert.closeTo(maps.r[v]!, naive.r[v]!, 1e-9, where)
                assert.closeTo(maps.z[v]!, naive.z[v]!, 1e-9 * steepness, where)
                assert.closeTo(maps.t[v]!, naive.t[v]!, tolerance * (1 + Math.abs(naive.t[v]!)), where)
                assert.closeTo(maps.sd[v]!, naive.sd[v]!, tolerance * (1 + naive.sd[v]!), where)
                assert.closeTo(maps.p[v]!, naive.p[v]!, tolerance * 10, where)
                assert.closeTo(maps.pfdr[v]!, naive.pfdr[v]!, 1e-7, where)
              }
            }
          }).pipe(Effect.runPromise)
        ),
        { seed: 2, numRuns: 25 }
      )
    )
  )

  it.effect("exist for two subjects, one voxel and three time points", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 2, timePoints: 3, voxels: 1 })
      const [{ maps, subjects }] = (yield* mapsOf(connectome, spreadRegions(1, 1))) as [LesionMaps]
      assert.strictEqual(subjects, 2)
      // The lesion is the voxel: r is clipped in both subjects, there is no spread.
      assert.closeTo(maps.z[0]!, 8.31776613691702, 1e-12)
      assert.deepStrictEqual([maps.t[0], maps.sd[0], maps.p[0], maps.pfdr[0]], [0, 0, 1, 1])
    })
  )

  it.effect("do not change when a voxel's time series is scaled and shifted", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 4, timePoints: 23, voxels: 20 })
      const rounded = connectome.timeSeries.map((values) => values.map(Math.round))
      const scaled = rounded.map((values) => values.map((value, i) => (i % 20 === 3 ? 4 * value - 8192 : value)))
      const read = (series: ReadonlyArray<Float32Array>): Connectome => ({
        ...connectome,
        read: (first, into) =>
          Effect.sync(() => {
            for (const [i, target] of into.entries()) target.set(series[first + i]!)
          })
      })
      const regions = [{ voxels: Int32Array.of(3) }, { voxels: Int32Array.of(5, 6) }]
      const before = yield* mapsOf(read(rounded), regions)
      const after = yield* mapsOf(read(scaled), regions)
      for (const [l, { maps }] of before.entries()) {
        for (const [v, z] of maps.z.entries()) assert.closeTo(after[l]!.maps.z[v]!, z, 1e-11)
      }
    })
  )

  it.effect("count invalid voxels and seeds as r = 0 in that subject, or fail if the config says so", () =>
    Effect.gen(function* () {
      const options = {
        subjects: 3,
        timePoints: 10,
        voxels: 6,
        deadVoxels: [4],
        replaced: [{ subject: 1, timePoint: 9, voxel: 0, value: Number.NaN }]
      }
      const regions = [{ voxels: Int32Array.of(0) }, { voxels: Int32Array.of(0, 2) }, { voxels: Int32Array.of(4) }]
      const results = yield* mapsOf(memoryConnectome(options), regions)
      assert.deepStrictEqual(
        results.map(({ invalidVoxels, invalidSeeds }) => [invalidVoxels, invalidSeeds]),
        [
          [4, 1],
          [4, 0],
          [4, 3]
        ]
      )
      for (const { maps } of results) {
        for (const name of statisticNames) {
          assert.isTrue(maps[name].every(Number.isFinite), name)
          assert.strictEqual(maps[name][4], name.startsWith("p") ? 1 : 0, name)
        }
      }
      assert.isTrue(results[2]!.maps.z.every((z) => z === 0))
      const error = yield* Effect.flip(mapsOf(memoryConnectome(options), regions, { invalid: "error" }))
      assert.strictEqual(error._tag, "InvalidTimeSeries")
    })
  )
})

const studyOf = (options: MemoryConnectomeOptions, lesionFolder = "/lesions"): Study => {
  const connectome = memoryConnectome(options)
  return {
    connectome,
    lesions: spreadRegions(5, connectome.voxels).map(({ voxels }, l) => {
      const lesion = lesionOf(`sub-${l}_mask.nii.gz`, voxels)
      return { ...lesion, file: join(lesionFolder, lesion.name) }
    }),
    otherInputs: [],
    parcellations: [],
    space: "MNI152NLin6Asym",
    method: "boes",
    maps: statisticNames,
    grid: "connectome",
    fdrAlpha: 0.05,
    tThreshold: 3,
    invalid: "zero"
  }
}

const shapeOf = ({ connectome, lesions, maps }: Study, subjectsPerChunk: number): ProblemShape => ({
  subjects: connectome.subjects.length,
  subjectsPerChunk,
  chunkSlots: 2,
  readers: 1,
  timePoints: Math.max(...connectome.subjects.map(({ timePoints }) => timePoints)),
  voxels: connectome.voxels,
  gridVoxels: voxelsOf(connectome.grid),
  lesions: lesions.length,
  lesionVoxels: lesions.reduce((sum, { voxels }) => sum + voxels.length, 0),
  mapsPerLesion: maps.length
})

/** The whole pipeline over a study, into memory. */
const filesOf = (study: Study, subjectsPerChunk = 1) => {
  const files = new Map<string, Uint8Array>()
  const pool = observedPool(2, slotValues(study.connectome, subjectsPerChunk))
  const ranges = subjectRanges(study.connectome.subjects.length, subjectsPerChunk)
  const rows = Pipeline.stream(functionalNetworkMapping(study), Stream.fromIterable(ranges)).pipe(
    Stream.runCollect,
    Effect.provide(Layer.mergeAll(pool.layer, Backend.layerPlain, OutputFolder.layerMemory(files), Progress.layerOff))
  )
  return { files, pool, rows }
}

describe("functionalNetworkMapping", () => {
  it("has its stages in the order of the method", () => {
    assert.deepStrictEqual(
      functionalNetworkMapping(studyOf({ subjects: 2, timePoints: 5, voxels: 9 })).stages.map(({ name }) => name),
      ["ingest", "seed", "correlate", "fisherZ", "reduce", "statistics", "parcellate", "writeMaps"]
    )
  })

  it("needs no more memory for more subjects, and 16 bytes for each further lesion and voxel beside what a tile takes", () => {
    const study = studyOf({ subjects: 4, timePoints: 5, voxels: 9 })
    const shape = { ...shapeOf(study, 2), timePoints: 120, voxels: 50_000, gridVoxels: 902_629 }
    const bytes = (changed: Partial<ProblemShape>) =>
      Pipeline.footprint(functionalNetworkMapping(study), { ...shape, ...changed }, Backend.plain).reduce(
        (sum, { bytes }) => sum + bytes,
        0
      )
    assert.strictEqual(bytes({ subjects: 1000 }), bytes({ subjects: 4 }))
    const perLesion = (bytes({ lesions: 200 }) - bytes({ lesions: 100 })) / 100
    // The seeds of two chunks of two subjects come to 4 × 120 × 8 bytes a lesion.
    assert.closeTo(perLesion, 16 * 50_000 + 4 * 120 * 8, 20_000)
  })

  it.effect("writes the same bytes for any chunk size", () =>
    Effect.gen(function* () {
      const study = studyOf({ subjects: 5, timePoints: [20, 13, 7, 40, 11], voxels: 30 })
      const one = filesOf(study, 1)
      const rows = yield* one.rows
      assert.strictEqual(one.files.size, 5 * 16)
      for (const subjectsPerChunk of [2, 3, 5]) {
        const other = filesOf(study, subjectsPerChunk)
        assert.deepStrictEqual(yield* other.rows, rows)
        assert.deepStrictEqual(other.files, one.files)
      }
    })
  )

  it.effect("gives every slot back when a subject cannot be read, and writes nothing", () =>
    Effect.gen(function* () {
      for (const failingSubject of [0, 3, 5]) {
        const { files, pool, rows } = filesOf(studyOf({ subjects: 6, timePoints: 9, voxels: 12, failingSubject }))
        const error = yield* Effect.flip(rows)
        assert.strictEqual(error._tag, "ConnectomeUnreadable")
        assert.strictEqual(files.size, 0)
        assert.isAtLeast(pool.usage().taken, 1)
        assert.strictEqual(pool.usage().released, pool.usage().taken)
        assert.isAtMost(pool.usage().mostInUse, 2)
      }
    })
  )

  it.effect("gives every slot back when interrupted in the middle, and writes nothing", () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const { files, pool, rows } = filesOf(
        studyOf({
          subjects: 6,
          timePoints: 9,
          voxels: 12,
          endlessSubject: 3,
          onRead: (first) => (first === 2 ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void)
        }),
        2
      )
      // Subject 3 is in the chunk that begins with subject 2: the chunk before it has been read.
      const fiber = yield* Effect.forkChild(rows)
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.strictEqual(files.size, 0)
      assert.isAtLeast(pool.usage().taken, 2)
      assert.strictEqual(pool.usage().released, pool.usage().taken)
    })
  )
})

const plainBackend = await Effect.runPromise(chooseBackend(2, { workers: 1, arithmetic: "fast" }))

/** A run from prepared inputs, into memory, with lesions a pass and subjects a chunk as given; done before each file of a lesion is written. */
const runInto = Effect.fnUntraced(function* (
  study: Study,
  batchSize: number | "auto",
  subjectsPerChunk: number,
  { chosen = plainBackend, beforeMaps = Effect.void }: { chosen?: ChosenBackend; beforeMaps?: Effect.Effect<void> } = {}
) {
  const files = new Map<string, Uint8Array>()
  const output = Layer.effect(
    OutputFolder,
    Effect.map(OutputFolder, (memory) =>
      OutputFolder.of({
        ...memory,
        write: (file, content, sha256) =>
          Effect.andThen(file.startsWith("sub-") ? beforeMaps : Effect.void, memory.write(file, content, sha256))
      })
    )
  ).pipe(Layer.provide(OutputFolder.layerMemory(files)))
  const plan = yield* makePlan({
    pipelines: [functionalNetworkMapping(study)],
    shape: shapeOf(study, subjectsPerChunk),
    backend: chosen.backend,
    batchSize,
    subjectsPerChunk,
    memoryLimitBytes: 1e12,
    bytesPerPass: study.connectome.bytesToRead
  })
  const result = yield* run(
    { study, plan, chosen, backend: describeBackend(chosen, []) },
    { config: { checkpoint: false } as never, inputs: [] }
  ).pipe(Effect.provide(Layer.mergeAll(output, Progress.layerOff, Checksums.layer())))
  const maps = new Map([...files].filter(([file]) => file !== "manifest.json"))
  return { ...result, files, maps, plan }
})

describe("run", () => {
  it.effect("writes the same maps and summary in one pass and in several, and a manifest of them", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const study = studyOf({ subjects: 5, timePoints: 12, voxels: 30 }, folder)
      for (const { file } of study.lesions) yield* writeBytes(file, `the file of ${file}`)
      const whole = yield* runInto(study, "auto", 1)
      assert.strictEqual(whole.plan.passes, 1)
      assert.deepStrictEqual(
        whole.rows.map(({ lesion }) => lesion),
        study.lesions.map(({ name }) => name)
      )
      for (const [batchSize, subjectsPerChunk] of [
        [1, 1],
        [2, 5],
        [3, 2]
      ] as const) {
        const parts = yield* runInto(study, batchSize, subjectsPerChunk)
        assert.strictEqual(parts.plan.passes, Math.ceil(5 / batchSize))
        assert.deepStrictEqual(parts.maps, whole.maps)
      }
      const { manifest } = whole
      assert.deepStrictEqual(
        manifest.outputs.map(({ path }) => path),
        [...whole.maps.keys()].sort()
      )
      assert.deepStrictEqual(
        manifest.inputs.map(({ path }) => path),
        study.lesions.map(({ file }) => file)
      )
      assert.deepStrictEqual(JSON.parse(Buffer.from(whole.files.get("manifest.json")!).toString()).outputs, [
        ...manifest.outputs
      ])
    })
  )

  for (const workers of [0, 2]) {
    const chosen = workers === 0 ? "the plain stages" : "the engine"
    it.live(`reads ahead for the next pass while the maps of one are written, with the same bytes: ${chosen}`, () =>
      Effect.gen(function* () {
        const chosen = workers === 0 ? plainBackend : yield* chooseBackend(5, { workers, arithmetic: "fast" })
        const folder = yield* temporaryFolder
        const readings: Array<number> = []
        const next = yield* Latch.make()
        const study = studyOf(
          {
            subjects: 5,
            timePoints: 12,
            voxels: 30,
            onRead: (first) =>
              Effect.suspend(() => {
                readings.push(first)
                // Subject 1 of the second pass, so that the first chunk of it has been read too.
                return readings.filter((one) => one === 1).length > 1 ? next.open : Effect.void
              })
          },
          folder
        )
        for (const { file } of study.lesions) yield* writeBytes(file, `the file of ${file}`)
        const whole = yield* runInto(study, "auto", 1, { chosen })
        readings.length = 0
        const ahead = yield* runInto(study, 3, 1, { chosen, beforeMaps: next.await })
        assert.strictEqual(ahead.plan.passes, 2)
        assert.deepStrictEqual(readings, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
        assert.deepStrictEqual(ahead.maps, whole.maps)
      })
    )
  }

  it.live("finishes the maps of a pass where the next cannot be read", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const failed = yield* Latch.make()
      let passes = 0
      const readable = studyOf({ subjects: 5, timePoints: 12, voxels: 30 }, folder)
      const { connectome } = readable
      const read: Connectome["read"] = (first, into) =>
        Effect.suspend(() => {
          if (first === 0) passes++
          if (passes < 2) return connectome.read(first, into)
          const error = new ConnectomeUnreadable({
            file: "memory",
            subject: "0",
            problem: "told to fail",
            remedy: "None."
          })
          return Effect.andThen(failed.open, Effect.fail(error))
        })
      for (const { file } of readable.lesions) yield* writeBytes(file, `the file of ${file}`)
      const written = new Set<string>()
      const note = Effect.andThen(
        failed.await,
        Effect.sync(() => void written.add("maps"))
      )
      const error = yield* Effect.flip(
        runInto({ ...readable, connectome: { ...connectome, read } }, 3, 1, { beforeMaps: note })
      )
      assert.strictEqual(error._tag, "ConnectomeUnreadable")
      assert.deepStrictEqual([...written], ["maps"])
    })
  )

  it.effect("leaves no manifest where it fails, also if an earlier run left one", () =>
    Effect.gen(function* () {
      const study = studyOf({ subjects: 5, timePoints: 12, voxels: 30, failingSubject: 4 })
      const removed: Array<string> = []
      const written: Array<string> = []
      const output = outputFolderWith({
        write: (file) => Effect.sync(() => void written.push(file)),
        remove: (file) => Effect.sync(() => void removed.push(file))
      })
      const plan = yield* makePlan({
        pipelines: [functionalNetworkMapping(study)],
        shape: shapeOf(study, 1),
        backend: Backend.plain,
        batchSize: "auto",
        subjectsPerChunk: 1,
        memoryLimitBytes: 1e12,
        bytesPerPass: 1
      })
      const error = yield* run(
        { study, plan, chosen: plainBackend, backend: describeBackend(plainBackend, []) },
        { config: {} as never, inputs: [] }
      ).pipe(Effect.provide(Layer.mergeAll(output, Progress.layerOff, Checksums.layer())), Effect.flip)
      assert.strictEqual(error._tag, "ConnectomeUnreadable")
      assert.deepStrictEqual(removed, ["manifest.json"])
      assert.notInclude(written, "manifest.json")
    })
  )

  for (const method of ["boes", "pini"] as const) {
    it.effect(`fails where an input changes while it is read, names it, and leaves no manifest: ${method}`, () =>
      Effect.gen(function* () {
        const file = yield* writeBytes(join(yield* temporaryFolder, "a.h5"), "before")
        const inputs = yield* identify([file])
        const onRead = (first: number) => (first === 4 ? Effect.asVoid(writeBytes(file, "behind")) : Effect.void)
        const study: Study = {
          ...studyOf({ subjects: 5, timePoints: 12, voxels: 30, onRead }),
          ...(method === "pini" ? { pini: { percentile: 20, scope: "connectome" } } : {})
        }
        const files = new Map<string, Uint8Array>()
        const plan = yield* makePlan({
          pipelines: [functionalNetworkMapping(study)],
          shape: shapeOf(study, 1),
          backend: Backend.plain,
          batchSize: "auto",
          subjectsPerChunk: 1,
          memoryLimitBytes: 1e12,
          bytesPerPass: 1
        })
        const error = yield* run(
          { study, inputs, plan, chosen: plainBackend, backend: describeBackend(plainBackend, []) },
          { config: {} as never, inputs: [] }
        ).pipe(
          Effect.provide(
            Layer.mergeAll(
              OutputFolder.layerMemory(files),
              Progress.layerOff,
              Layer.succeed(
                Checksums,
                Checksums.of({ of: () => Effect.succeed([]), ofConnectome: () => Effect.succeed([]) })
              )
            )
          ),
          Effect.flip
        )
        assert.strictEqual(error._tag, "InputChanged")
        assert.include(error.message, `${file}: it has changed while it was read`)
        assert.isFalse(files.has("manifest.json"))
        // What was read is looked at before maps are made of it.
        assert.isFalse([...files.keys()].some((name) => name.includes("stat-")))
      })
    )
  }
})
