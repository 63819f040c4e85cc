/**
 * A stage of one's own between fisherZ and reduce: z is Winsorised, so that no subject in whom the lesion's network happens
 * to be extreme weighs more than a correlation of 0.5 would. Prints what that changes for one lesion.
 *
 * The function is in a module of its own, `winsorise.ts`, which the engine's workers import: so the stage runs on all cores, as part of
 * the row that the engine computes as one. The plain backend, which comes last, gives the same without workers.
 *
 *     node examples/winsorisedZ.ts demo-output/demo-data/connectome LESION.nii.gz
 */
import { availableParallelism } from "node:os"
import { Console, Effect, Layer, Stream } from "effect"
import {
  Backend,
  ChunkPool,
  type Connectome,
  correlate,
  engineLayer,
  fisherZ,
  ingest,
  loadLesion,
  mapTiles,
  openConnectome,
  Pipeline,
  type ProblemShape,
  Progress,
  reduce,
  seed,
  statistics,
  subjectRanges
} from "../src/index.ts"

const winsorise = mapTiles({
  name: "winsorise",
  module: new URL("./winsorise.ts", import.meta.url),
  export: "winsorise",
  parameters: { limit: Math.atanh(0.5) }
})

type Lesion = { readonly voxels: Int32Array }

const subjectsPerChunk = 1
const workers = availableParallelism()

/** Chunk slots for the plain stages. */
const plain = ({ subjects, voxels }: Connectome) => {
  const longest = Math.max(...subjects.map(({ timePoints }) => timePoints))
  return Layer.merge(ChunkPool.layerOf(2, subjectsPerChunk * longest * voxels), Backend.layerPlain)
}

/** Workers, and memory for a pass over one lesion. */
const engine = ({ subjects, voxels, stored }: Connectome, lesion: Lesion) => {
  const shape: ProblemShape = {
    subjects: subjects.length,
    subjectsPerChunk,
    chunkSlots: 2,
    readers: workers,
    timePoints: Math.max(...subjects.map(({ timePoints }) => timePoints)),
    voxels,
    gridVoxels: voxels,
    lesions: 1,
    lesionVoxels: lesion.voxels.length,
    mapsPerLesion: 5,
    storedBytesPerSubject: stored?.layout.bytes
  }
  return engineLayer({ shape, workers, arithmetic: "fast" })
}

/** The maps of one lesion, with z as it is or Winsorised. */
const mapsOf = (connectome: Connectome, lesion: Lesion, winsorised: boolean) => {
  const { subjects, voxels } = connectome
  const upToZ = Pipeline.make("Winsorised connectivity", ingest(connectome)).pipe(
    Pipeline.through(seed([lesion])),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ)
  )
  const pipeline = (winsorised ? upToZ.pipe(Pipeline.through(winsorise)) : upToZ).pipe(
    Pipeline.through(reduce({ lesions: 1, voxels, subjects: subjects.length, invalid: "zero" })),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )
  return Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(subjects.length, subjectsPerChunk))).pipe(
    Stream.runCollect,
    Effect.map(([maps]) => maps!)
  )
}

const program = Effect.gen(function* () {
  const connectome = yield* openConnectome({ path: process.argv[2] ?? "demo-output/demo-data/connectome" })
  const lesion = yield* loadLesion(process.argv[3] ?? "lesion.nii.gz", connectome)
  const [onEngine, onOneThread] = [engine(connectome, lesion), plain(connectome)]
  const rows = [
    ["as it is", yield* Effect.provide(mapsOf(connectome, lesion, false), onEngine)],
    ["Winsorised", yield* Effect.provide(mapsOf(connectome, lesion, true), onEngine)],
    ["Winsorised, without workers", yield* Effect.provide(mapsOf(connectome, lesion, true), onOneThread)]
  ] as const
  for (const [name, { maps, masks }] of rows) {
    const largest = maps.z.reduce((most, z) => Math.max(most, Math.abs(z)), 0)
    const significant = masks.pfdrthreshold.reduce((count, voxel) => count + voxel, 0)
    yield* Console.log(`${name}: largest |z| ${largest.toFixed(3)}, ${significant} significant voxels`)
  }
})

await Effect.runPromise(Effect.scoped(Effect.provide(program, Progress.layerOff)))
