/**
 * Functional lesion network mapping.
 *
 * The time series of every subject of a normative connectome are read once, a few subjects at a time. In each subject,
 * the seed time series of a lesion is the mean signal over its voxels; it is correlated (Pearson) with the time series
 * of every voxel of the brain mask; correlations are Fisher z transformed and summed over subjects. From the sums come,
 * for each lesion, the mean connectivity, a one-sample t over subjects, its two-tailed p, and p adjusted for the false
 * discovery rate, each written as a map, and the means of these over the parcels of atlases.
 *
 * With method `pini` the connectome is read once before. Each voxel of a lesion is correlated with the lesion's mean signal in every
 * subject; the first principal component of these correlations is fitted over subjects; and the voxels that load on it most are
 * what the seed is then the mean of.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228; Pini et al. 2021, Brain Communications,
 *   doi:10.1093/braincomms/fcab259
 */
import { Clock, Effect, Fiber, type Layer, Option, Ref, Stream } from "effect"
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
import { describeDataset } from "../src/runtime/datasetDescription.ts"
import { arithmeticOf, defaultWorkers, Engine } from "../src/runtime/Engine.ts"
import { makeManifest, manifestName } from "../src/runtime/Manifest.ts"
import { checkOutputFolder, OutputFolder } from "../src/runtime/OutputFolder.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { cutIntoPasses, defaultMemoryShare, freeMemoryBytes, makePlan, type Plan } from "../src/runtime/Plan.ts"
import type { ProblemShape } from "../src/runtime/ProblemShape.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { wideTables } from "../src/runtime/parcelTables.ts"
import type { AnyStage } from "../src/runtime/Stage.ts"
import { formatSummary } from "../src/runtime/Summary.ts"
import { seedMatrixTables } from "../src/runtime/seedMatrix.ts"
import { formatSummarySidecar } from "../src/runtime/summarySidecar.ts"
import { packageVersion } from "../src/runtime/version.ts"
import type { WorkerFailed } from "../src/runtime/WorkerPool.ts"
import { correlate } from "../src/stages/Correlate.ts"
import { correlateWithin } from "../src/stages/CorrelateWithin.ts"
import { bytesWithLesions } from "../src/stages/EngineWithin.ts"
import { fisherZ } from "../src/stages/FisherZ.ts"
import { ingest, type SubjectRange, subjectRanges } from "../src/stages/Ingest.ts"
import { parcellate } from "../src/stages/Parcellate.ts"
import { checkScope, type PrincipalSeedsOptions, principalSeeds } from "../src/stages/PrincipalSeeds.ts"
import { reduce } from "../src/stages/Reduce.ts"
import { joinRegions, type SeedRegions, seed } from "../src/stages/Seed.ts"
import { type SeedPairSums, seedToSeed } from "../src/stages/SeedToSeed.ts"
import { statistics } from "../src/stages/Statistics.ts"
import { writeMaps } from "../src/stages/WriteMaps.ts"
import { seedVoxelsOf, writeSeeds } from "../src/stages/WriteSeeds.ts"

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
  /** How seeds are refined; undefined: they are the mean over the lesion. */
  readonly pini?: Pick<PrincipalSeedsOptions, "percentile" | "scope"> | undefined
  /** What is seeded from, where it is not the lesions themselves. */
  readonly seeds?: SeedRegions
  /** Seeds that are correlated with one another in this pass: those of the pass, and the others. Undefined: none are. */
  readonly pairing?: Pairing
  readonly maps: Config["statistics"]["maps"]
  readonly grid: Config["output"]["grid"]
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  readonly invalid: Config["invalid"]
  /** Whether every lesion's connectivity with every other is written too. */
  readonly matrix?: boolean
}

/** Which seeds are correlated with one another, and what is done with the result. */
export interface Pairing {
  /** Of all lesions, those of the pass first. */
  readonly seeds: SeedRegions
  readonly count: number
  readonly whenDone: (sums: SeedPairSums) => Effect.Effect<void>
}

/** Seeds of the pass; where they are correlated with one another, of all lesions. */
const seeding = ({ connectome, lesions, seeds, pairing }: Study) => {
  const reading = Pipeline.make("functional-network-mapping", ingest(connectome))
  if (pairing === undefined) return reading.pipe(Pipeline.through(seed(seeds ?? lesions)))
  return reading.pipe(
    Pipeline.through(seed(pairing.seeds)),
    Pipeline.through(seedToSeed({ ...pairing, seeds: pairing.count, lesions: lesions.length }))
  )
}

/** The pipeline over the lesions of one pass: from ranges of subjects to a summary row for each lesion. */
export const functionalNetworkMapping = (study: Study) =>
  seeding(study).pipe(
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({ lesions: study.lesions.length, voxels: study.connectome.voxels, invalid: study.invalid })
    ),
    Pipeline.through(statistics(study)),
    Pipeline.through(parcellate({ ...study, voxels: study.connectome.voxels })),
    Pipeline.through(writeMaps({ ...study, provenance: { ...study, version: packageVersion } }))
  )

/** The pass before, where seeds are refined: from ranges of subjects to the refined seeds of a lesion batch. */
export const seedRefinement = (study: Study, pini: NonNullable<Study["pini"]>) =>
  Pipeline.make("seed-refinement", ingest(study.connectome)).pipe(
    Pipeline.through(seed(study.lesions)),
    Pipeline.through(correlateWithin({ regions: study.lesions, subjects: study.connectome.subjects.length })),
    Pipeline.through(principalSeeds({ ...pini, regions: study.lesions, subjects: study.connectome.subjects })),
    Pipeline.through(writeSeeds({ ...study, provenance: { ...study, version: packageVersion } }))
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
    ...(config.method === "pini" ? { pini: { percentile: config.pini_percentile, scope: config.pini_scope } } : {}),
    maps: config.statistics.maps,
    grid: config.output.grid,
    fdrAlpha: config.statistics.fdr_alpha,
    tThreshold: config.statistics.t_threshold,
    invalid: config.invalid,
    matrix: config.statistics.matrix
  }
  if (study.pini !== undefined) yield* checkScope(connectome.subjects, study.pini.scope)
  const arithmetic = yield* arithmeticFor(study, config.compute.arithmetic)
  const workers = config.compute.workers === "auto" ? defaultWorkers() : config.compute.workers
  const engine = arithmetic === undefined ? undefined : { workers, arithmetic }
  const free = yield* freeMemoryBytes
  const plan = yield* makePlan({
    pipeline: { stages: stagesOf(study, engine !== undefined) },
    shape: shapeOf(study, engine?.workers),
    workers: engine?.workers ?? 0,
    batchSize: config.lesions.batch_size,
    subjectsPerChunk: config.compute.subjects_per_chunk,
    memoryLimitBytes: memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * free,
    bytesPerPass: connectome.bytesToRead + bytesToRefine(study, engine !== undefined)
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
  for (const [name, content] of Object.entries(describeDataset(study))) yield* output.write(name, content)
  const inputs = yield* Effect.forkChild(checksums.of(inputFiles(study, source.inputs)))

  const readings = study.pini === undefined ? 1 : 2
  yield* progress.begin({ subjects: readings * plan.passes * plan.shape.subjects, lesions: plan.lesions })
  const ranges = Stream.fromIterable(subjectRanges(plan.shape.subjects, plan.shape.subjectsPerChunk))
  const pairs = yield* Ref.make<Option.Option<SeedPairSums>>(Option.none())
  const written = yield* Effect.gen(function* () {
    const batches = yield* Effect.forEach(cutIntoPasses(plan, study.lesions), (lesions) =>
      refine({ ...study, lesions }, ranges)
    )
    return yield* Stream.fromIterable(study.matrix === true ? withPairing(batches, pairs) : batches).pipe(
      Stream.flatMap((batch) => Pipeline.stream(functionalNetworkMapping(batch), ranges)),
      Stream.runCollect
    )
  }).pipe(Effect.provide(memoryFor(plan, engine)))
  yield* progress.end

  const rows = written.map(({ summary }) => summary)
  yield* output.write("summary.tsv", formatSummary(rows))
  yield* output.write("summary.json", formatSummarySidecar(study))
  const parcels = wideTables(
    written.map(({ summary, parcels }) => ({ lesion: summary.lesion, parcels })),
    study.method
  )
  const matrices = Option.match(yield* Ref.get(pairs), {
    onNone: () => [],
    onSome: (sums) => seedMatrixTables({ ...sums, lesions: rows.map(({ lesion }) => lesion) }, study.method)
  })
  for (const { stem, table, sidecar } of [...parcels, ...matrices]) {
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

/** The study of a lesion batch with refined seeds, where the method asks for them. */
const refine = Effect.fnUntraced(function* (study: Study, ranges: Stream.Stream<SubjectRange>) {
  if (study.pini === undefined) return study
  const [seeds] = yield* Stream.runCollect(Pipeline.stream(seedRefinement(study, study.pini), ranges))
  if (seeds === undefined) return yield* Effect.die(new Error("the refinement of the seeds gave nothing"))
  const lesions = study.lesions.map((lesion, index) => ({ ...lesion, seedVoxels: seedVoxelsOf(seeds, index) }))
  const refined: Study = { ...study, lesions, seeds: seeds.regions }
  return refined
})

/** The first batch also pairs its seeds with one another and with those of all other batches, in one place. */
const withPairing = (
  batches: ReadonlyArray<Study>,
  pairs: Ref.Ref<Option.Option<SeedPairSums>>
): ReadonlyArray<Study> => {
  const seeds = joinRegions(batches.map(({ seeds, lesions }) => seeds ?? lesions))
  const pairing: Pairing = {
    seeds,
    count: batches.reduce((sum, { lesions }) => sum + lesions.length, 0),
    // Copied: they lie in the engine's memory, where the next pass has its own.
    whenDone: (sums) => Ref.set(pairs, Option.some({ ...sums, sumZ: sums.sumZ.slice() }))
  }
  return batches.map((batch, index) => (index === 0 ? { ...batch, pairing } : batch))
}

/** Every stage that holds memory of its own: of the two passes of refined seeds those that they do not share. */
const stagesOf = (study: Study, onEngine: boolean): ReadonlyArray<AnyStage> => {
  const { stages } = functionalNetworkMapping(
    study.matrix === true ? withPairing([study], Ref.makeUnsafe(Option.none()))[0]! : study
  )
  if (study.pini === undefined) return stages
  // Both begin with ingest and seed; in the engine's memory there is room for the correlations as well.
  return [...stages, ...seedRefinement(study, study.pini).stages.slice(onEngine ? 3 : 2)]
}

const bytesToRefine = ({ connectome, lesions, pini }: Study, onEngine: boolean): number =>
  pini === undefined
    ? 0
    : onEngine && connectome.stored !== undefined
      ? bytesWithLesions(connectome, connectome.stored, lesions)
      : connectome.bytesToRead

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

const shapeOf = ({ connectome, lesions, maps, pini, matrix }: Study, workers: number | undefined): ProblemShape => ({
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
  storedBytesPerSubject: workers === undefined ? undefined : connectome.stored?.layout.bytes,
  withinVoxels: pini === undefined ? undefined : largestTogether(lesions),
  pairedSeeds: matrix === true ? lesions.length : undefined
})

/** At position n the voxels that the n largest lesions have together. */
const largestTogether = (lesions: ReadonlyArray<Lesion>): ReadonlyArray<number> => {
  const together = [0]
  const sizes = lesions.map(({ voxels }) => voxels.length).sort((a, b) => b - a)
  for (const size of sizes) together.push(together.at(-1)! + size)
  return together
}

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
