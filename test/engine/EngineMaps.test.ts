/** Maps that are made on the engine's workers are those of the plain stages: every file to the byte, every table. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { effectSize } from "../../examples/effectSize.ts"
import type { Study } from "../../pipelines/functional-network-mapping/Study.ts"
import { mapsFromSums } from "../../pipelines/mapsFromSums.ts"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import { engineBackend } from "../../src/engine/engineBackend.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { OutputNotWritten } from "../../src/output/OutputNotWritten.ts"
import { concatenateParcels, type Parcellation } from "../../src/parcellations/Parcellation.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { writeMaps } from "../../src/stages/WriteMaps.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { outputFolderWith } from "../support/outputFolderWith.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { countingProgress, lesionOf } from "../support/runStages.ts"

const voxels = 211
const subjects = 9
const lesions = 7
const connectome = memoryConnectome({
  subjects,
  timePoints: 5,
  voxels,
  shape: [10, 9, 8],
  gridIndex: Int32Array.from({ length: voxels }, (_, v) => 3 * v + 40)
})

const parcellationOf = (name: string, weights?: Float64Array): Parcellation => ({
  name,
  file: `/${name}.nii`,
  labelsFile: undefined,
  kind: weights === undefined ? "labels" : "probabilistic",
  parcels: [
    { index: 1, name: "one" },
    { index: 2, name: "none" }
  ],
  ...concatenateParcels(
    [Int32Array.of(3, 5, 100), Int32Array.of()],
    weights === undefined ? undefined : [weights, new Float64Array()]
  )
})

const study: Study = {
  connectome,
  lesions: Array.from({ length: lesions }, (_, l) => lesionOf(`sub-${l}_mask.nii.gz`, [l, l + 1, 3 * l + 2])),
  otherInputs: [],
  parcellations: [],
  space: "MNI152NLin6Asym",
  method: "boes",
  maps: ["r", "z", "t", "sd", "p", "pfdr"],
  grid: "connectome",
  fdrAlpha: 0.05,
  tThreshold: null,
  invalid: "zero"
}

/** Sums as nine subjects may have them, some voxels without any spread; by the rows of the naive layout. */
const sums: ConnectivitySums = (() => {
  const none = noSums({ lesions, voxels, fractionBits: 40 })
  for (let at = 0; at < lesions * voxels; at++) {
    const [lesion, voxel] = [Math.floor(at / voxels), at % voxels]
    const [mean, spread] = [0.4 * Math.sin(at), voxel % 10 === 0 ? 0 : 0.1 + 0.05 * Math.cos(7 * at)]
    none.values[2 * lesion * voxels + voxel] = BigInt(Math.round(subjects * mean * 2 ** 40))
    none.values[(2 * lesion + 1) * voxels + voxel] = BigInt(Math.round(subjects * (mean ** 2 + spread ** 2) * 2 ** 40))
  }
  return { ...none, subjects, invalidVoxels: 3, invalidSeeds: Uint32Array.from({ length: lesions }, (_, l) => l) }
})()

const engineOf = (workers: number) =>
  engineLayer({ shape: engineShape(connectome, study.lesions, 1), workers, arithmetic: "strict" })

/** The files, the rows and the lesions counted of a pipeline from the sums on. */
const mapped = <E, R>(
  pipeline: Pipeline.Pipeline<ConnectivitySums, unknown, E, R>,
  backend: Layer.Layer<never, unknown>
) =>
  Effect.gen(function* () {
    const files = new Map<string, Uint8Array>()
    const progress = countingProgress()
    const rows = yield* Stream.runCollect(Pipeline.stream(pipeline, Stream.make(sums))).pipe(
      Effect.provide([backend, OutputFolder.layerMemory(files), progress.layer])
    )
    return { files, rows, lesions: progress.counts.lesions }
  })

/** The lesions' own grids: finer, shifted, and one that is the connectome's. */
const onOwnGrids = study.lesions.map((lesion, l) => {
  const { shape, affine } = connectome.grid
  const finer = affine.map((value, index) => (index % 5 === 0 && index < 15 ? value / 2 : value))
  const shifted = affine.with(3, affine[3]! + 0.7)
  if (l % 3 === 0) return { ...lesion, grid: connectome.grid }
  return { ...lesion, grid: l % 3 === 1 ? { shape: [19, 17, 15] as const, affine: finer } : { shape, affine: shifted } }
})

const variants: Readonly<Record<string, Partial<Study>>> = {
  "all maps": {},
  "a threshold of t, and not all maps": { tThreshold: 2, maps: ["t", "r"] },
  "parcels, and a threshold of t": {
    tThreshold: 2,
    parcellations: [parcellationOf("Hard"), parcellationOf("Soft", Float64Array.of(0.5, 1, 2))]
  },
  "the lesions' own grids": { lesions: onOwnGrids, grid: "lesion", tThreshold: 1 }
}

describe("maps on the engine's workers", () => {
  for (const [name, changed] of Object.entries(variants)) {
    it.live(`are those of the plain stages: ${name}`, () =>
      Effect.gen(function* () {
        const pipeline = mapsFromSums({ ...study, ...changed })
        const plain = yield* mapped(pipeline, Backend.layerPlain)
        assert.isAtLeast(plain.files.size, 4 * lesions)
        for (const workers of [1, 3]) {
          const found = yield* mapped(pipeline, engineOf(workers))
          assert.deepStrictEqual([...found.files.keys()].sort(), [...plain.files.keys()].sort())
          for (const [file, bytes] of plain.files) assert.deepStrictEqual(found.files.get(file), bytes, file)
          assert.deepStrictEqual(found.rows, plain.rows)
          assert.strictEqual(found.lesions, lesions)
        }
      })
    )
  }

  it.live("are made one study after the other on the same workers, of other sizes each time", () =>
    Effect.gen(function* () {
      const engine = yield* Layer.build(engineOf(2))
      for (const changed of [...Object.values(variants), {}]) {
        const pipeline = mapsFromSums({ ...study, ...changed })
        const plain = yield* mapped(pipeline, Backend.layerPlain)
        assert.deepStrictEqual(yield* mapped(pipeline, Layer.succeedContext(engine)), plain)
      }
    }).pipe(Effect.scoped)
  )

  it("are one step, and with a stage of somebody else's behind statistics only these are computed there", () => {
    const namesOf = (pipeline: Pick<Pipeline.Pipeline<never, unknown, unknown, unknown>, "stages">) =>
      engineBackend(2)
        .fuse(pipeline.stages)
        .map(({ stage }) => stage.name)
    assert.deepStrictEqual(namesOf(mapsFromSums(study)), ["fused: statistics, parcellate, writeMaps"])
    assert.deepStrictEqual(namesOf(withoutParcels), ["fused: statistics, writeMaps"])
    assert.deepStrictEqual(namesOf(withOwnStage), ["statistics", "effectSize", "writeMaps"])
  })

  const options = { ...study, provenance: { ...study, version: "1" } }
  const withoutParcels = Pipeline.make("maps", statistics(study)).pipe(Pipeline.through(writeMaps(options)))
  const withOwnStage = Pipeline.make("maps", statistics(study)).pipe(
    Pipeline.through(effectSize),
    Pipeline.through(writeMaps(options))
  )

  it.live("are the same without parcellate, and with a stage of somebody else's behind statistics", () =>
    Effect.gen(function* () {
      const plain = yield* mapped(withoutParcels, Backend.layerPlain)
      assert.deepStrictEqual(yield* mapped(withoutParcels, engineOf(2)), plain)
      assert.deepStrictEqual(yield* mapped(withOwnStage, engineOf(2)), plain)
    })
  )

  it.live("fail where a file cannot be written, and the workers are there for the next run", () =>
    Effect.gen(function* () {
      const engine = Layer.succeedContext(yield* Layer.build(engineOf(2)))
      const full = outputFolderWith({
        write: (file) => Effect.fail(new OutputNotWritten({ file, cause: { code: "ENOSPC" } }))
      })
      const run = Stream.runDrain(Pipeline.stream(mapsFromSums(study), Stream.make(sums)))
      const error = yield* run.pipe(Effect.provide([engine, full, countingProgress().layer]), Effect.flip)
      assert.strictEqual(error._tag, "OutputNotWritten")
      const plain = yield* mapped(mapsFromSums(study), Backend.layerPlain)
      assert.deepStrictEqual(yield* mapped(mapsFromSums(study), engine), plain)
    }).pipe(Effect.scoped)
  )

  for (const [name, backend] of [
    ["plain", Backend.layerPlain],
    ["engine", engineOf(2)]
  ] as const) {
    it.live(`of one lesion that cannot be written do not take the others with them: ${name}`, () =>
      Effect.gen(function* () {
        const bad = study.lesions[1]
        const blocked = outputFolderWith({
          write: (file) =>
            file.includes("sub-1")
              ? Effect.fail(new OutputNotWritten({ file, cause: { code: "EISDIR" } }))
              : Effect.void
        })
        const written: Array<string> = []
        const error = yield* Pipeline.stream(mapsFromSums(study), Stream.make(sums)).pipe(
          Stream.runForEach(({ summary }) => Effect.sync(() => void written.push(summary.lesion))),
          Effect.provide([backend, blocked, countingProgress().layer]),
          Effect.flip
        )
        assert.strictEqual(error._tag, "LesionsNotWritten")
        assert.include(error.message, bad!.name)
        assert.include(error.message, "a folder of that name is in its place")
        assert.deepStrictEqual(
          written,
          study.lesions.toSpliced(1, 1).map(({ name }) => name)
        )
      })
    )
  }

  it("hold memory for each worker, of twelve at most, and for the files of two lesions more", () => {
    const shape = { ...engineShape(connectome, study.lesions, 1), voxels: 1e5, lesions: 1000 }
    const bytesOf = (workers: number, lesions = 1000) =>
      Pipeline.footprint(mapsFromSums(study), { ...shape, lesions }, engineBackend(workers))[0]!.bytes
    const ofWorker = bytesOf(2) - bytesOf(1)
    // Five maps and scratch of two in float64, at least.
    assert.isAbove(ofWorker, 7 * 8 * 1e5)
    assert.strictEqual(bytesOf(12) - bytesOf(11), ofWorker)
    assert.strictEqual(bytesOf(48), bytesOf(12))
    assert.strictEqual(bytesOf(48, 1), bytesOf(1, 1))
    assert.isBelow(bytesOf(1, 1), bytesOf(1))
  })
})
