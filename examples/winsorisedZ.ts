/**
 * A stage of one's own between fisherZ and reduce: z is Winsorised, so that no subject in whom the lesion's network happens
 * to be extreme weighs more than a correlation of 0.5 would. Prints what that changes for one lesion.
 *
 *     node examples/winsorisedZ.ts demo-output/demo-data/connectome LESION.nii.gz
 */
import { Console, Effect, Stream } from "effect"
import {
  Backend,
  ChunkPool,
  type Connectome,
  correlate,
  fisherZ,
  ingest,
  loadLesion,
  openConnectome,
  Pipeline,
  Progress,
  reduce,
  type Stage,
  seed,
  statistics,
  subjectRanges,
  type Tile
} from "../src/index.ts"

/** Draws every z beyond ±limit back to it, in the tile's own buffer. */
const winsorise = (limit: number): Stage<Tile<"z">, Tile<"z">> => ({
  name: "winsorise",
  transform: Stream.map((tile) => {
    const count = tile.lesions * (tile.last - tile.first)
    for (let i = 0; i < count; i++) tile.values[i] = Math.max(-limit, Math.min(limit, tile.values[i]!))
    return tile
  }),
  footprintBytes: () => 0
})

/** The maps of one lesion; without a limit, by the method as it is. */
const mapsOf = (connectome: Connectome, lesion: { readonly voxels: Int32Array }, limit: number | undefined) => {
  const upToZ = Pipeline.make("Winsorised connectivity", ingest(connectome)).pipe(
    Pipeline.through(seed([lesion])),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ)
  )
  const pipeline = (limit === undefined ? upToZ : upToZ.pipe(Pipeline.through(winsorise(limit)))).pipe(
    Pipeline.through(
      reduce({ lesions: 1, voxels: connectome.voxels, subjects: connectome.subjects.length, invalid: "zero" })
    ),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )
  const longest = Math.max(...connectome.subjects.map(({ timePoints }) => timePoints))
  return Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(connectome.subjects.length, 1))).pipe(
    Stream.runCollect,
    Effect.map(([maps]) => maps!),
    Effect.provide([ChunkPool.layerOf(2, longest * connectome.voxels), Backend.layerPlain, Progress.layerOff])
  )
}

const program = Effect.gen(function* () {
  const connectome = yield* openConnectome({ path: process.argv[2] ?? "demo-output/demo-data/connectome" })
  const lesion = yield* loadLesion(process.argv[3] ?? "lesion.nii.gz", connectome)
  const rows = [
    ["as it is", yield* mapsOf(connectome, lesion, undefined)],
    ["Winsorised", yield* mapsOf(connectome, lesion, Math.atanh(0.5))]
  ] as const
  for (const [name, { maps, masks }] of rows) {
    const largest = maps.z.reduce((most, z) => Math.max(most, Math.abs(z)), 0)
    const significant = masks.pfdrthreshold.reduce((count, voxel) => count + voxel, 0)
    yield* Console.log(`${name}: largest |z| ${largest.toFixed(3)}, ${significant} significant voxels`)
  }
})

await Effect.runPromise(Effect.scoped(program))
