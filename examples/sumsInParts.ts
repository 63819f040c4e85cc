/**
 * The subjects of a connectome in two parts, whose sums are kept in files and added: what another machine, or another day, may have
 * computed. The mean connectivity from the added sums is that of one run over all, to the bit.
 *
 *     node examples/sumsInParts.ts demo-output/demo-data/connectome FOLDER
 */
import path from "node:path"
import { Console, Effect, Stream } from "effect"
import {
  Backend,
  ChunkPool,
  type ConnectivitySums,
  copyMeans,
  correlate,
  fingerprintStudy,
  fingerprintSums,
  fisherZ,
  ingest,
  lesionSums,
  loadSums,
  mergeSums,
  openConnectome,
  Pipeline,
  Progress,
  reduce,
  saveSums,
  seed,
  withFingerprints
} from "../src/index.ts"

const regions = [{ voxels: Int32Array.of(10, 11, 12) }, { voxels: Int32Array.of(200, 201) }]

const meanRs = (sums: ConnectivitySums): ReadonlyArray<number> =>
  regions.map((_, region) => {
    const z = new Float64Array(sums.voxels)
    copyMeans(lesionSums(sums, region), z)
    return Math.tanh(z.reduce((total, value) => total + value, 0) / sums.voxels)
  })

const program = Effect.gen(function* () {
  const connectome = yield* openConnectome({ path: process.argv[2] ?? "demo-output/demo-data/connectome" })
  const { subjects, voxels } = connectome
  const pipeline = Pipeline.make("sums", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(reduce({ lesions: regions.length, voxels, subjects: subjects.length, invalid: "zero" }))
  )
  const longest = Math.max(...subjects.map(({ timePoints }) => timePoints))
  const sumsOver = (indices: ReadonlyArray<number>) =>
    Pipeline.stream(pipeline, Stream.fromIterable(indices.map((first) => ({ first, count: 1 })))).pipe(
      Stream.runCollect,
      Effect.map(([sums]) => sums!),
      Effect.provide([ChunkPool.layerOf(2, longest * voxels), Backend.layerPlain, Progress.layerOff])
    )

  const whole = yield* sumsOver(subjects.map(({ index }) => index))
  const study = yield* fingerprintStudy(connectome, {
    method: { name: "boes" },
    invalid: "zero",
    stages: pipeline.stages,
    arithmetic: "float64",
    fused: false,
    fractionBits: whole.fractionBits
  })
  const fingerprints = { study, sums: yield* fingerprintSums(study, regions) }
  const files = ["even", "odd"].map((name) => path.join(process.argv[3] ?? ".", `${name}.sums`))
  for (const [rest, file] of files.entries()) {
    const part = yield* sumsOver(subjects.map(({ index }) => index).filter((index) => index % 2 === rest))
    yield* saveSums(file, yield* withFingerprints(part, fingerprints))
  }

  const added = yield* mergeSums(yield* loadSums(files[0]!), yield* loadSums(files[1]!))
  for (const [region, r] of meanRs(added).entries()) {
    const same = r === meanRs(whole)[region] ? "as in one run" : "other than in one run"
    yield* Console.log(`region ${region + 1}: mean r ${r.toFixed(3)} over ${added.subjects} subjects, ${same}`)
  }
})

await Effect.runPromise(Effect.scoped(program))
