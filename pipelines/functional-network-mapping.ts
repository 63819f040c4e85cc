/**
 * Functional lesion network mapping.
 *
 * The time series of every subject of a normative connectome are read once, a few subjects at a time. In each subject,
 * the seed time series of a lesion is the mean signal over its voxels; it is correlated (Pearson) with the time series
 * of every voxel of the brain mask; correlations are Fisher z transformed and summed over subjects. From the sums come,
 * for each lesion, the mean connectivity, a one-sample t over subjects, its two-tailed p, and p adjusted for the false
 * discovery rate, each written as a map, and the means of these over the parcels of atlases.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { Clock, Effect, Fiber, type Layer, Stream } from "effect"
import type { Connectome } from "../src/connectome/Connectome.ts"
import { openConnectome } from "../src/connectome/openConnectome.ts"
import { voxelsOf } from "../src/imaging/Grid.ts"
import type { Lesion } from "../src/imaging/Lesion.ts"
import { loadLesions } from "../src/imaging/loadLesions.ts"
import { loadParcellation } from "../src/imaging/loadParcellation.ts"
import type { Parcellation } from "../src/imaging/Parcellation.ts"
import { fewestSubjectsInFloat32 } from "../src/kernels/numericPolicy.ts"
import type { Arithmetic } from "../src/kernels/WasmKernels.ts"
import { Checksums } from "../src/runtime/Checksums.ts"
import { ChunkPool } from "../src/runtime/ChunkPool.ts"
import { type Config, memoryLimitOf } from "../src/runtime/Config.ts"
import { formatDatasetDescription } from "../src/runtime/datasetDescription.ts"
import { arithmeticOf, defaultWorkers, Engine } from "../src/runtime/Engine.ts"
import { makeManifest, manifestName } from "../src/runtime/Manifest.ts"
import { checkOutputFolder, OutputFolder } from "../src/runtime/OutputFolder.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { cutIntoPasses, defaultMemoryShare, freeMemoryBytes, makePlan, type Plan } from "../src/runtime/Plan.ts"
import type { ProblemShape } from "../src/runtime/ProblemShape.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { wideTables } from "../src/runtime/parcelTables.ts"
import { formatSummary } from "../src/runtime/Summary.ts"
import { packageVersion } from "../src/runtime/version.ts"
import type { WorkerFailed } from "../src/runtime/WorkerPool.ts"
import { correlate } from "../src/stages/Correlate.ts"
import { fisherZ } from "../src/stages/FisherZ.ts"
import { ingest, subjectRanges } from "../src/stages/Ingest.ts"
import { parcellate } from "../src/stages/Parcellate.ts"
import { reduce } from "../src/stages/Reduce.ts"
import { seed } from "../src/stages/Seed.ts"
import { statistics } from "../src/stages/Statistics.ts"
import { writeMaps } from "../src/stages/WriteMaps.ts"

/** What is mapped, and how: everything that decides the values of the maps. */
export interface Study {
  readonly connectome: Connectome
  readonly lesions: ReadonlyArray<Lesion>
  readonly parcellations: ReadonlyArray<Parcellation>
  /** Further files that were read for it, for the manifest: `participants.tsv` where lesions were selected by it. */
  readonly otherInputs: ReadonlyArray<string>
  /** BIDS label of the connectome's template space. */
  readonly space: string
  readonly method: Config["method"]
  readonly maps: Config["statistics"]["maps"]
  readonly grid: Config["output"]["grid"]
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  readonly invalid: Config["invalid"]
}

/** The pipeline over the lesions of one pass: from ranges of subjects to a summary row for each lesion. */
export const functionalNetworkMapping = (study: Study) =>
  Pipeline.make("functional-network-mapping", ingest(study.connectome)).pipe(
    Pipeline.through(seed(study.lesions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({ lesions: study.lesions.length, voxels: study.connectome.voxels, invalid: study.invalid })
    ),
    Pipeline.through(statistics(study)),
    Pipeline.through(parcellate({ ...study, voxels: study.connectome.voxels })),
    Pipeline.through(writeMaps({ ...study, provenance: { ...study, version: packageVersion } }))
  )

/** A study whose inputs have been checked, and the plan for computing it. */
export interface PreparedStudy {
  readonly study: Study
  readonly plan: Plan
  /** The engine to run on; undefined where the plain stages compute, in float64. */
  readonly engine: { readonly workers: number; readonly arithmetic: Arithmetic } | undefined
}

/** Opens and checks all inputs and the output folder, and plans the run. Computes and writes nothing. */
export const prepare = Effect.fn("prepare")(function* (config: Config) {
  const connectome = yield* openConnectome(config.connectome)
  const { lesions, tables } = yield* loadLesions(config.lesions, connectome, config.method)
  const parcellations = yield* Effect.forEach(config.parcellations, (atlas) => loadParcellation(atlas, connectome))
  const study: Study = {
    connectome,
    lesions,
    parcellations,
    otherInputs: tables,
    space: connectome.space,
    method: config.method,
    maps: config.statistics.maps,
    grid: config.output.grid,
    fdrAlpha: config.statistics.fdr_alpha,
    tThreshold: config.statistics.t_threshold,
    invalid: config.invalid
  }
  const arithmetic = yield* arithmeticFor(study, config.compute.arithmetic)
  const workers = config.compute.workers === "auto" ? defaultWorkers() : config.compute.workers
  const engine = arithmetic === undefined ? undefined : { workers, arithmetic }
  const free = yield* freeMemoryBytes
  const plan = yield* makePlan({
    pipeline: functionalNetworkMapping(study),
    shape: shapeOf(study, engine?.workers),
    workers: engine?.workers ?? 0,
    batchSize: config.lesions.batch_size,
    subjectsPerChunk: config.compute.subjects_per_chunk,
    memoryLimitBytes: memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * free,
    bytesPerPass: connectome.bytesToRead
  })
  yield* checkOutputFolder(config.output.path)
  const prepared: PreparedStudy = { study, plan, engine }
  return prepared
})

/** Runs a prepared study, pass by pass, and writes the maps, then the summary, then the manifest. */
export const run = Effect.fn("run")(function* (
  { study, plan, engine }: PreparedStudy,
  source: { readonly config: Config; readonly inputs: ReadonlyArray<string> }
) {
  const output = yield* OutputFolder
  const progress = yield* Progress
  const checksums = yield* Checksums
  const startedAt = yield* Clock.currentTimeMillis
  yield* output.remove(manifestName)
  yield* output.write("dataset_description.json", formatDatasetDescription(study))
  const inputs = yield* Effect.forkChild(checksums.of(inputFiles(study, source.inputs)))

  yield* progress.begin({ subjects: plan.passes * plan.shape.subjects, lesions: plan.lesions })
  const written = yield* Stream.fromIterable(cutIntoPasses(plan, study.lesions)).pipe(
    Stream.flatMap((lesions) => {
      const ranges = subjectRanges(plan.shape.subjects, plan.shape.subjectsPerChunk)
      return Pipeline.stream(functionalNetworkMapping({ ...study, lesions }), Stream.fromIterable(ranges))
    }),
    Stream.runCollect,
    Effect.provide(memoryFor(plan, engine))
  )
  yield* progress.end

  const rows = written.map(({ summary }) => summary)
  yield* output.write("summary.tsv", formatSummary(rows))
  for (const { stem, table, sidecar } of wideTables(
    written.map(({ summary, parcels }) => ({ lesion: summary.lesion, parcels })),
    study.method
  )) {
    yield* output.write(`${stem}.tsv`, table)
    yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
  }
  const manifest = makeManifest({
    config: source.config,
    plan: {
      subjects: plan.shape.subjects,
      lesions: plan.lesions,
      passes: plan.passes,
      predicted_peak_bytes: plan.peakBytes
    },
    engine: {
      kernels: engine === undefined ? "TypeScript" : "WebAssembly",
      arithmetic: engine?.arithmetic ?? "float64",
      workers: engine?.workers ?? 0
    },
    wall_seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
    inputs: yield* Fiber.join(inputs),
    outputs: yield* output.written
  })
  yield* output.write(manifestName, `${JSON.stringify(manifest, null, 2)}\n`)
  return { rows, manifest }
})

/** The engine's arithmetic; undefined where it cannot run here, or where its float32 does not suffice. */
const arithmeticFor = ({ connectome }: Study, wanted: Arithmetic) =>
  connectome.subjects.length < fewestSubjectsInFloat32 ? Effect.undefined : arithmeticOf(wanted)

/** The chunk slots of a plan: in the engine's memory, with the engine, where there is one. */
const memoryFor = ({ shape }: Plan, engine: PreparedStudy["engine"]): Layer.Layer<ChunkPool, WorkerFailed> =>
  engine === undefined ? ChunkPool.layer(shape) : Engine.layer({ shape, ...engine })

/** Two slots: one chunk is read while another is computed. */
const chunkSlots = 2

/**
 * Subjects a chunk that the engine likes: a panel's sums are read and written once a chunk, and four subjects suffice to
 * make that small beside the rest.
 */
const engineSubjectsPerChunk = 4

const shapeOf = ({ connectome, lesions, maps }: Study, workers: number | undefined): ProblemShape => ({
  subjects: connectome.subjects.length,
  subjectsPerChunk: Math.min(connectome.subjects.length, subjectsPerChunk(connectome, workers !== undefined)),
  chunkSlots,
  readers: workers ?? 1,
  timePoints: connectome.subjects.reduce((longest, { timePoints }) => Math.max(longest, timePoints), 0),
  voxels: connectome.voxels,
  gridVoxels: voxelsOf(connectome.grid),
  lesions: lesions.length,
  lesionVoxels: lesions.reduce((sum, { voxels }) => sum + voxels.length, 0),
  mapsPerLesion: maps.length,
  storedBytesPerSubject: workers === undefined ? undefined : connectome.stored?.layout.bytes
})

/** As many as the source likes to read together, or the next multiple of that which the engine likes. */
const subjectsPerChunk = ({ subjectsPerRead }: Connectome, onEngine: boolean): number =>
  onEngine ? subjectsPerRead * Math.ceil(engineSubjectsPerChunk / subjectsPerRead) : subjectsPerRead

const inputFiles = (
  { connectome, lesions, parcellations, otherInputs }: Study,
  others: ReadonlyArray<string>
): ReadonlyArray<string> => [
  ...others,
  ...otherInputs,
  ...parcellations.flatMap(({ file, labelsFile }) => (labelsFile === undefined ? [file] : [file, labelsFile])),
  ...connectome.files,
  ...lesions.map(({ file }) => file)
]
