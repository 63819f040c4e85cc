/**
 * Writes one HDF5 file of the demo's connectome: the time series of some subjects and the brain mask, in the layout that
 * `hdf5Layout.ts` describes. Subjects are made and written one after the other.
 *
 * The file's bytes depend on the seed alone: no time is in them.
 */
import { Effect } from "effect"
import type { Dataset, File } from "h5wasm/node"
import { type DemoBrain, demoSpace } from "./DemoBrain.ts"
import { type DemoNotWritten, demoNotWritten } from "./DemoNotWritten.ts"
import { DemoSubject } from "./DemoSubject.ts"
import { removeTimes } from "./removeTimes.ts"
import { writeDemoFile } from "./writeDemoFile.ts"

export interface ConnectomePart {
  readonly file: string
  readonly brain: DemoBrain
  readonly seed: number
  readonly firstSubject: number
  readonly subjects: number
  readonly timePoints: number
  /** Whether the time series are compressed; both kinds are chunked. */
  readonly gzip: boolean
}

/** Voxels a chunk. With 100 time points a chunk has 0.8 MB, which fits into HDF5's chunk cache of 1 MB. */
const chunkVoxels = 2048

/** Noise hardly compresses: a higher level only takes longer. */
const gzipLevel = 1

/** Time points that are made between two moments at which the fiber can be interrupted: about 15 ms. */
const timePointsAtOnce = 12

/** The library, loaded only where the demo's data is made: it takes a moment, and the command line imports this file. */
const loadLibrary = async () => {
  const { File, ready } = await import("h5wasm/node")
  // Without this the library prints its errors on the terminal and goes on.
  ;(await ready).activate_throwing_error_handler()
  return { File }
}

/** Runs HDF5 calls; what they throw becomes a failure that names `file`. */
const hdf5 = <A>(file: string, call: () => A): Effect.Effect<A, DemoNotWritten> =>
  Effect.try({ try: call, catch: (cause) => demoNotWritten(file, cause) })

/** Writes the mask and makes room for the time series, without a value yet. */
const writeLayout = (root: File, { brain, gzip, subjects, timePoints }: ConnectomePart): Dataset => {
  const { affine, shape } = brain.grid
  root.create_dataset({ name: "mask_indices", data: brain.maskIndices, shape: [3, brain.voxels] })
  root.create_dataset({ name: "mask_affine", data: Float64Array.from(affine), shape: [4, 4] })
  root.create_attribute("mask_shape", Int32Array.from(shape))
  root.create_attribute("space", demoSpace)
  // h5wasm writes what it creates: so the data set starts empty and is resized, which takes no memory.
  const timeseries = root.create_dataset({
    name: "timeseries",
    data: new Float32Array(0),
    shape: [0, timePoints, brain.voxels],
    maxshape: [subjects, timePoints, brain.voxels],
    chunks: [1, timePoints, Math.min(chunkVoxels, brain.voxels)],
    ...(gzip ? { compression: "gzip", compression_opts: gzipLevel } : {})
  })
  timeseries.resize([subjects, timePoints, brain.voxels])
  return timeseries
}

const simulate = Effect.fnUntraced(function* (part: ConnectomePart, subject: number, into: Float32Array) {
  const { brain, seed, timePoints } = part
  const scan = new DemoSubject(brain, seed, subject)
  for (let timePoint = 0; timePoint < timePoints; timePoint++) {
    scan.nextTimePoint(into.subarray(timePoint * brain.voxels, (timePoint + 1) * brain.voxels))
    if (timePoint % timePointsAtOnce === 0) yield* Effect.yieldNow
  }
})

/** Object headers of the oldest version, whose times can be taken out. */
const libraryVersions: ["earliest", "latest"] = ["earliest", "latest"]

const writeSubjects = Effect.fnUntraced(function* (part: ConnectomePart, partial: string) {
  const library = yield* Effect.tryPromise({ try: loadLibrary, catch: (cause) => demoNotWritten(part.file, cause) })
  const root = yield* Effect.acquireRelease(
    hdf5(part.file, () => new library.File(partial, "w", { libver: libraryVersions })),
    (root) => Effect.ignore(hdf5(part.file, () => root.close()))
  )
  const timeseries = yield* hdf5(part.file, () => writeLayout(root, part))
  const scan = new Float32Array(part.timePoints * part.brain.voxels)
  for (let index = 0; index < part.subjects; index++) {
    yield* simulate(part, part.firstSubject + index, scan)
    yield* hdf5(part.file, () => timeseries.write_slice([[index, index + 1], [], []], scan))
  }
  yield* hdf5(part.file, () => root.flush())
})

/**
 * Writes one file of the connectome.
 *
 * Memory: the time series of one subject three times (here, and twice in h5wasm), whatever the number of subjects.
 */
export const writeConnectomePart = (part: ConnectomePart): Effect.Effect<void, DemoNotWritten> =>
  writeDemoFile(part.file, (partial) =>
    Effect.scoped(writeSubjects(part, partial)).pipe(
      Effect.andThen(hdf5(part.file, () => removeTimes(partial, ["mask_indices", "mask_affine", "timeseries"])))
    )
  )
