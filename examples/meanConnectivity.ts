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
  correlate,
  fisherZ,
  ingest,
  openConnectome,
  Pipeline,
  Progress,
  reduce,
  seed,
  subjectRanges
} from "../src/index.ts"

const program = Effect.gen(function* () {
  const connectome = yield* openConnectome({ path: process.argv[2] ?? "demo-output/demo-data/connectome" })
  const regions = [{ voxels: Int32Array.of(10, 11, 12) }, { voxels: Int32Array.of(200, 201) }]

  const pipeline = Pipeline.make("mean-connectivity", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(reduce({ lesions: regions.length, voxels: connectome.voxels, invalid: "zero" }))
  )
  const longest = Math.max(...connectome.subjects.map(({ timePoints }) => timePoints))
  const [sums] = yield* Pipeline.stream(
    pipeline,
    Stream.fromIterable(subjectRanges(connectome.subjects.length, 1))
  ).pipe(
    Stream.runCollect,
    Effect.provide([ChunkPool.layerOf(2, longest * connectome.voxels), Backend.layerPlain, Progress.layerOff])
  )

  const [sumZ, sumZ2] = [new Float64Array(connectome.voxels), new Float64Array(connectome.voxels)]
  for (const region of regions.keys()) {
    sums!.copyLesion(region, sumZ, sumZ2)
    const mean = sumZ.reduce((total, z) => total + z, 0) / (sums!.subjects * connectome.voxels)
    yield* Console.log(`region ${region + 1}: mean r ${Math.tanh(mean).toFixed(3)} over ${sums!.subjects} subjects`)
  }
})

await Effect.runPromise(Effect.scoped(program))
