/**
 * A pipeline composed by hand: how strongly, on average, two regions of the demo's connectome are connected to the whole
 * brain. No files are written; the sums of the last stage are used directly.
 *
 *     node examples/meanConnectivity.ts demo-output/demo-data/connectome
 */
import { Console, Effect, Stream } from "effect"
import {
  Backend,
  ChunkPool,
  copyMeans,
  correlate,
  fisherZ,
  ingest,
  lesionSums,
  openConnectome,
  Pipeline,
  Progress,
  reduce,
  seed,
  subjectRanges
} from "../src/index.ts"

const program = Effect.gen(function* () {
  const connectome = yield* openConnectome({ path: process.argv[2] ?? "demo-output/demo-data/connectome" })
  const { subjects, voxels } = connectome
  const regions = [{ voxels: Int32Array.of(10, 11, 12) }, { voxels: Int32Array.of(200, 201) }]

  const pipeline = Pipeline.make("mean-connectivity", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(reduce({ lesions: regions.length, voxels, subjects: subjects.length, invalid: "zero" }))
  )
  const longest = Math.max(...subjects.map(({ timePoints }) => timePoints))
  const [sums] = yield* Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(subjects.length, 1))).pipe(
    Stream.runCollect,
    Effect.provide([ChunkPool.layerOf(2, longest * voxels), Backend.layerPlain, Progress.layerOff])
  )

  const z = new Float64Array(voxels)
  for (const region of regions.keys()) {
    copyMeans(lesionSums(sums!, region), z)
    const mean = z.reduce((total, value) => total + value, 0) / voxels
    yield* Console.log(`region ${region + 1}: mean r ${Math.tanh(mean).toFixed(3)} over ${sums!.subjects} subjects`)
  }
})

await Effect.runPromise(Effect.scoped(program))
