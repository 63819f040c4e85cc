import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import type { Study } from "../../pipelines/functional-network-mapping/Study.ts"
import { fingerprintsOf } from "../../pipelines/functional-network-mapping/studyFingerprints.ts"
import {
  connectivitySums,
  functionalNetworkMapping,
  lesionVoxelCorrelations,
  seedRefinement,
  seedsFromCorrelations,
  withSeeds
} from "../../pipelines/functional-network-mapping.ts"
import { mapsFromSums } from "../../pipelines/mapsFromSums.ts"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { joinCorrelations } from "../../src/elements/joinCorrelations.ts"
import { mergeSums } from "../../src/elements/mergeSums.ts"
import { withFingerprints } from "../../src/elements/SumsMismatch.ts"
import { type ChosenBackend, chooseBackend } from "../../src/engine/chooseBackend.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { loadCorrelations, saveCorrelations } from "../../src/output/savedCorrelations.ts"
import { loadSums, saveSums } from "../../src/output/savedSums.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { lesionOf } from "../support/runStages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const subjects = 7
const source = memoryConnectome({ subjects, timePoints: [20, 20, 21, 20, 20, 19, 20], voxels: 45, deadVoxels: [5] })

const studyOf = (connectome: Connectome): Study => ({
  connectome,
  lesions: spreadRegions(5, connectome.voxels).map(({ voxels }, l) => lesionOf(`sub-${l}_mask.nii.gz`, voxels)),
  otherInputs: [],
  parcellations: [],
  space: "MNI152NLin6Asym",
  method: "boes",
  maps: ["r", "z", "t", "sd", "p", "pfdr"],
  grid: "connectome",
  fdrAlpha: 0.05,
  tThreshold: 3,
  invalid: "zero"
})

const halves = [
  [
    { first: 0, count: 2 },
    { first: 2, count: 1 }
  ],
  [
    { first: 5, count: 2 },
    { first: 3, count: 2 }
  ]
]

/** Runs a program on a backend, with nothing left of it for the next, and gives its files and its result. */
const inOneRun = <A, E, R>(
  { connectome, lesions, pairing }: Study,
  { layer, backend }: ChosenBackend,
  program: Effect.Effect<A, E, R>
) => {
  const files = new Map<string, Uint8Array>()
  const voxels = lesions.reduce((sum, lesion) => sum + lesion.voxels.length, 0)
  const shape = {
    ...engineShape(connectome, pairing?.lesions ?? lesions, 2),
    lesions: lesions.length,
    storedBytesPerSubject: backend.workers === 0 ? undefined : connectome.stored?.layout.bytes,
    correlatedVoxels: Array.from(lesions, () => voxels).toSpliced(0, 0, 0),
    matrixSeeds: pairing?.lesions.length
  }
  return program.pipe(
    Effect.provide(Layer.mergeAll(layer(shape), OutputFolder.layerMemory(files), Progress.layerOff)),
    Effect.map((result) => ({ result, files }))
  )
}

const backends = Effect.all({
  plain: chooseBackend(2, { workers: 1, arithmetic: "fast" }),
  engine: chooseBackend(subjects, { workers: 2, arithmetic: "fast" })
})

const everyone = Stream.make(
  { first: 0, count: 2 },
  { first: 2, count: 2 },
  { first: 4, count: 2 },
  { first: 6, count: 1 }
)

/** Sums of a part of the subjects, in a file. */
const saveHalf = Effect.fnUntraced(function* (study: Study, chosen: ChosenBackend, half: number) {
  const pipeline = connectivitySums(study)
  const [sums] = yield* Stream.runCollect(Pipeline.stream(pipeline, Stream.fromIterable(halves[half]!)))
  const file = join(scratch, `half-${half}.sums`)
  yield* saveSums(file, yield* withFingerprints(sums!, yield* fingerprintsOf(study, pipeline.stages, chosen)))
  return file
})

const mapsOfHalves = (study: Study, chosen: ChosenBackend) =>
  Effect.gen(function* () {
    const { result: one } = yield* inOneRun(study, chosen, saveHalf(study, chosen, 0))
    const { result: other } = yield* inOneRun(study, chosen, saveHalf(study, chosen, 1))
    const merged = yield* mergeSums(yield* loadSums(other), yield* loadSums(one))
    assert.deepStrictEqual(merged.covered, [{ first: 0, count: subjects }])
    const maps = Stream.runCollect(Pipeline.stream(mapsFromSums(study), Stream.make(merged)))
    return { ...(yield* inOneRun(study, chosen, maps)), merged }
  })

describe("mapsFromSums", () => {
  it.live("writes of sums of halves that were saved, loaded and merged the very files of a run over all", () =>
    Effect.gen(function* () {
      const chosen = yield* backends
      for (const backend of [chosen.plain, chosen.engine]) {
        for (const connectome of [source, yield* stored(source, "int16", 2)]) {
          const study = studyOf(connectome)
          const direct = yield* inOneRun(
            study,
            backend,
            Stream.runCollect(Pipeline.stream(functionalNetworkMapping(study), everyone))
          )
          const fromHalves = yield* mapsOfHalves(study, backend)
          assert.strictEqual(direct.files.size, 5 * 16)
          assert.deepStrictEqual(fromHalves.result, direct.result)
          assert.deepStrictEqual(fromHalves.files, direct.files)
        }
      }
    })
  )

  it.live("has the pairs of seeds of all lesions in sums of a batch of them", () =>
    Effect.gen(function* () {
      const { engine } = yield* backends
      const study = studyOf(source)
      const { lesions } = study
      const pairing = { lesions, seeds: lesions }
      const batch: Study = { ...study, lesions: lesions.slice(0, 2), pairing }
      const { merged } = yield* mapsOfHalves(batch, engine)
      const { result } = yield* inOneRun(
        { ...study, pairing },
        engine,
        Stream.runCollect(Pipeline.stream(connectivitySums({ ...study, pairing }), everyone))
      )
      assert.strictEqual(merged.lesions, 2)
      assert.deepStrictEqual(merged.pairs, { seeds: 5, sumZ: result[0]!.pairs!.sumZ.slice() })
    })
  )

  it.live(
    "with refined seeds: correlations of halves, saved and joined, give the seeds and maps of a run over all",
    () =>
      Effect.gen(function* () {
        const { engine } = yield* backends
        const pini = { percentile: 40, scope: "connectome" } as const
        const study: Study = { ...studyOf(source), method: "pini", pini }
        const direct = yield* inOneRun(
          study,
          engine,
          Effect.gen(function* () {
            const [seeds] = yield* Stream.runCollect(Pipeline.stream(seedRefinement(study, pini), everyone))
            return yield* Stream.runCollect(
              Pipeline.stream(functionalNetworkMapping(withSeeds(study, seeds!)), everyone)
            )
          })
        )
        const fingerprints = yield* fingerprintsOf(study, connectivitySums(study).stages, engine)
        const saveCorrelationsOf = Effect.fnUntraced(function* (half: number) {
          const file = join(scratch, `half-${half}.correlations`)
          const ranges = Stream.fromIterable(halves[half]!)
          const [found] = yield* Stream.runCollect(Pipeline.stream(lesionVoxelCorrelations(study), ranges))
          yield* saveCorrelations(file, yield* withFingerprints(found!, fingerprints))
          return file
        })
        const { result: one } = yield* inOneRun(study, engine, saveCorrelationsOf(0))
        const { result: other } = yield* inOneRun(study, engine, saveCorrelationsOf(1))
        const joined = yield* joinCorrelations(yield* loadCorrelations(one), yield* loadCorrelations(other))
        const { result: seeds, files } = yield* inOneRun(
          study,
          engine,
          Stream.runCollect(Pipeline.stream(seedsFromCorrelations(study, pini), Stream.make(joined)))
        )
        const fromHalves = yield* mapsOfHalves(withSeeds(study, seeds[0]!), engine)
        assert.deepStrictEqual(new Map([...files, ...fromHalves.files]), direct.files)
        assert.deepStrictEqual(fromHalves.result, direct.result)
      })
  )
})

describe("fingerprintsOf", () => {
  it.live(
    "are others for another backend, method and lesions, and the same where only files and names are others",
    () =>
      Effect.gen(function* () {
        const { plain, engine } = yield* backends
        const of = (study: Study, chosen = engine) => fingerprintsOf(study, connectivitySums(study).stages, chosen)
        const study = studyOf(source)
        const one = yield* of(study)
        const renamed = study.lesions.map((lesion) => ({ ...lesion, file: "/elsewhere", name: "other.nii" }))
        const shown = { ...study, lesions: renamed, fdrAlpha: 0.01, maps: ["t"] as const, grid: "lesion" as const }
        assert.deepStrictEqual(yield* of(shown), one)
        const few = yield* of({ ...study, lesions: study.lesions.slice(1) })
        assert.strictEqual(few.study, one.study)
        assert.notStrictEqual(few.sums, one.sums)
        const { lesions } = study
        const paired = yield* of({ ...study, pairing: { lesions, seeds: lesions } })
        assert.strictEqual(paired.study, one.study)
        assert.notStrictEqual(paired.sums, one.sums)
        const pini = { percentile: 20, scope: "file" } as const
        const studies = [
          one,
          yield* of(study, plain),
          yield* of(study, yield* chooseBackend(subjects, { workers: 2, arithmetic: "strict" })),
          yield* of({ ...study, invalid: "error" }),
          yield* of({ ...study, method: "pini", pini }),
          yield* of({ ...study, method: "pini", pini: { ...pini, percentile: 30 } })
        ]
        assert.strictEqual(new Set(studies.map(({ study }) => study)).size, studies.length)
        const workers = yield* of(study, yield* chooseBackend(subjects, { workers: 1, arithmetic: "fast" }))
        assert.deepStrictEqual(workers, one)
      })
  )
})
