/**
 * A pass of the engine over all subjects, in whatever form their time series are: seed, correlate, Fisher z and reduce of one
 * chunk after the other. No r or z exists beyond a tile that stays in a core's cache.
 *
 * Functions of the user's between Fisher z and reduce are called in the workers (`tileMapper.ts`), after one of these has shown that it can
 * import them.
 *
 * Workers first make the seeds; then they take ranges of voxels, in which each adds all subjects of the chunk. The sums are exact, so
 * their bits do not depend on workers, chunks, batches or the order of the subjects.
 */
import { Effect, Fiber, Stream } from "effect"
import type { Chunk, SubjectTimeSeries } from "../elements/Chunk.ts"
import type { CollinearSeeds } from "../elements/CollinearSeeds.ts"
import type { ConnectivitySums, KeptSums, ReduceOptions, SumsUnreadable } from "../elements/ConnectivitySums.ts"
import { type CoveredSubjects, joinSubjects, subjectsOf } from "../elements/coveredSubjects.ts"
import type { EmptySubject } from "../elements/EmptySubject.ts"
import { type InvalidCounts, joinInvalid, makeInvalidCounts } from "../elements/InvalidCounts.ts"
import { InvalidTimeSeries } from "../elements/InvalidTimeSeries.ts"
import type { PartialSeedsOptions } from "../elements/PartialSeeds.ts"
import type { SeedMatrixOptions } from "../elements/SeedMatrixSums.ts"
import type { Seeding } from "../elements/SeedRegion.ts"
import { addSubjectShares, type SharesLeft } from "../elements/SharesLeft.ts"
import { checkDisjoint, type OverlappingSubjects, type SumsMismatch } from "../elements/SumsMismatch.ts"
import type { TileFunctionSource } from "../elements/TileFunction.ts"
import type { TileFunctionFailed, TileFunctionMissing } from "../elements/TileFunctionUnusable.ts"
import { UnboundedZ } from "../elements/UnboundedZ.ts"
import { fractionBits } from "../kernels/fixedPoint.ts"
import { largestZ, mostSubjects } from "../kernels/numericPolicy.ts"
import { takeOffRounding } from "../kernels/takeOffRounding.ts"
import { BLOCK_LESIONS, PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import { Progress } from "../runtime/Progress.ts"
import { warnAll } from "../runtime/Warnings.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import type { Engine } from "./Engine.ts"
import { takeOutSeedsIn } from "./EnginePartialSeeds.ts"
import { addSeedMatrices, seedMatrixIn } from "./EngineSeedMatrix.ts"
import { type EngineSeeds, engineSeeds, failIfSubjectEmpty, makeSeries, packSeries, sameShape } from "./EngineSeeds.ts"
import { checkTileFunctions, failOfFault } from "./engineTileFunctions.ts"
import { invalidSeedsOf } from "./invalidSeedsOf.ts"
import { panelsOfTask } from "./panelsOfTask.ts"
import { placeSums } from "./placeSums.ts"
import type { SeriesForm } from "./SeriesForm.ts"

/**
 * What a worker thread itself holds, its V8 heap and code: with small brains 14 to 15 MB (slopes from 1 to
 * 8 and to 32 workers), and 2 MB that runs of 4 workers took beyond that.
 */
export const bytesPerWorker = 17.5e6

/** Bytes of the sums that a pass continues: they stay in memory beside those of the engine. */
export const keptBytes = (from: ConnectivitySums | KeptSums | undefined): number =>
  from !== undefined && "values" in from ? from.values.byteLength : 0

export interface EnginePassOptions {
  readonly engine: Engine["Service"]
  readonly form: SeriesForm
  readonly seeding: Seeding
  readonly reduce: ReduceOptions
  /** The seeds of all lesions, which are taken out of those of the pass. Undefined: none are. */
  readonly partial: PartialSeedsOptions | undefined
  /**
   * Numbers of seeds to correlate pairwise: those of all lesions, of which the lesions of the pass come first. Undefined:
   * no pairs.
   */
  readonly pairing: SeedMatrixOptions | undefined
  /** Whether the degree is summed too. */
  readonly degree: boolean
  /** Functions of the user's that change z before it is added. */
  readonly functions: ReadonlyArray<TileFunctionSource>
}

/** Failures of a pass besides those of its input. */
export type ConnectivityFailure =
  | EmptySubject
  | CollinearSeeds
  | InvalidTimeSeries
  | UnboundedZ
  | TileFunctionMissing
  | TileFunctionFailed
  | SumsMismatch
  | OverlappingSubjects
  | SumsUnreadable
  | WorkerFailed

/** The sums of a pass over chunks, which it releases. */
export const enginePass = <E, R>(
  chunks: Stream.Stream<Chunk, E, R>,
  options: EnginePassOptions
): Stream.Stream<ConnectivitySums, E | ConnectivityFailure, R | Progress> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const progress = yield* Progress
      const { subjects } = options.reduce
      if (subjects > mostSubjects) return yield* Effect.die(new Error(`${subjects} subjects could overflow the sums`))
      yield* checkTileFunctions(options.engine, options.functions)
      // Chunks are read meanwhile.
      const begun = Fiber.join(
        yield* Effect.forkScoped(Effect.andThen(options.reduce.after ?? Effect.void, beginPass(options)))
      )
      const consumed = Stream.mapEffect(chunks, (chunk) =>
        Effect.flatMap(begun, (pass) => addChunk(pass, chunk, progress))
      )
      return Stream.concat(Stream.drain(consumed), Stream.fromEffect(Effect.flatMap(begun, endPass)))
    })
  )

interface Pass extends EnginePassOptions {
  readonly seeds: EngineSeeds
  readonly blocks: number
  readonly panels: number
  readonly counts: InvalidCounts
  readonly shares: SharesLeft
  /** Number of subjects that this pass has added, and all subjects that the sums cover, those of `from` too. */
  subjects: number
  covered: CoveredSubjects
  invalidVoxels: number
}

const beginPass = Effect.fnUntraced(function* (options: EnginePassOptions) {
  const { engine, form, seeding } = options
  const { lesions, voxels, from, names } = options.reduce
  const { memory, layout } = engine
  new Int32Array(memory.buffer, layout.invalidSeeds, lesions).fill(0)
  const pass: Pass = {
    ...options,
    seeds: engineSeeds(engine, form, seeding.regions, (options.partial?.files.length ?? 1) > 1),
    blocks: Math.ceil(lesions / BLOCK_LESIONS),
    panels: Math.ceil(voxels / PANEL_VOXELS),
    counts: makeInvalidCounts(names),
    shares: options.partial === undefined ? undefined : (from?.shares?.slice() ?? new BigInt64Array(lesions)),
    subjects: 0,
    covered: from?.covered ?? [],
    invalidVoxels: 0
  }
  yield* placeSums(engine, sumsOf(pass), from)
  return pass
})

const addChunk = Effect.fnUntraced(function* (pass: Pass, chunk: Chunk, progress: Progress["Service"]) {
  const { lesions, voxels, invalid } = pass.reduce
  const covered = subjectsOf(chunk)
  yield* checkDisjoint(pass.covered, covered)
  pass.covered = joinSubjects(pass.covered, covered)
  for (const subjects of sameShape(chunk.subjects, pass.seeding.regions)) {
    const seeds = yield* makeSeeds(pass, subjects)
    const sums = yield* addSubjects(pass, subjects)
    yield* progress.worked({
      computeSeconds: seeds.seconds + sums.seconds,
      operations: 2 * subjects.length * subjects[0]!.subject.timePoints * voxels * lesions
    })
    for (const [index, { subject }] of subjects.entries()) {
      const { file, id } = subject
      const [invalidSeeds, invalidVoxels] = [seeds.invalid[index]!, sums.invalid[index]!]
      if (invalid === "error" && invalidSeeds.length + invalidVoxels > 0) {
        return yield* new InvalidTimeSeries({ file, subject: id, invalidVoxels, invalidSeeds: invalidSeeds.length })
      }
      if (sums.unbounded[index] === true) {
        return yield* new UnboundedZ({ file, subject: id, largestZ: largestZOf(pass) })
      }
      pass.counts.add(subject, invalidVoxels, invalidSeeds)
      pass.invalidVoxels += invalidVoxels
      pass.subjects++
      yield* progress.subjectDone
    }
  }
  yield* chunk.release
})

/** Makes and packs the seeds of the subjects, and adds their pairs where these are asked for. */
const makeSeeds = Effect.fnUntraced(function* (pass: Pass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, seeds, reduce, seeding, partial, pairing, degree } = pass
  const { lesions, voxels } = reduce
  const all = partial?.files.length ?? pairing?.seeds ?? lesions
  const made = yield* makeSeries(seeds, all, subjects, degree ? voxels : 0)
  const left = partial === undefined ? undefined : yield* takeOutSeedsIn(engine, partial, subjects)
  for (const shares of left?.shares ?? []) addSubjectShares(shares, pass.shares!)
  const packed = yield* packSeries(engine, { lesions, seeds: all, degree }, subjects)
  for (const [position, series] of subjects.entries()) {
    if (packed.invalid[position] === lesions) {
      yield* failIfSubjectEmpty(seeds, seeding.all, series, made.blanked.get(position))
    }
  }
  // After packing, which reads the series as they are; `addSeedMatrices` standardises them in place.
  const paired = pairing === undefined ? 0 : yield* addSeedMatrices(engine, all, subjects)
  const invalid = subjects.map(({ subject }, position) =>
    packed.invalid[position] === 0 ? [] : invalidSeedsOf(engine, lesions, subject.timePoints, position)
  )
  return { invalid, seconds: made.seconds + (left?.seconds ?? 0) + packed.seconds + paired }
})

/** Adds subjects of the same shape (`sameShape`) to the sums. */
const addSubjects = Effect.fnUntraced(function* (pass: Pass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, form, panels, functions, degree } = pass
  const mapping = functions.length === 0 ? undefined : { functions, largestZ: largestZOf(pass) }
  const { lesions, voxels } = pass.reduce
  const first = subjects[0]!
  const perTask = panelsOfTask(engine, {
    subjects: subjects.length,
    timePoints: first.subject.timePoints,
    panels,
    lesions: pass.blocks * BLOCK_LESIONS,
    functions: functions.length
  })
  const done = yield* Effect.forEach(
    Array.from({ length: Math.ceil(panels / perTask) }, (_, task) => task * perTask),
    (firstPanel) =>
      engine.run(
        form.connectivity(first, {
          subjects: subjects.length,
          voxels,
          firstPanel,
          panels: Math.min(perTask, panels - firstPanel),
          tilePanels: engine.layout.tilePanels,
          seeds: engine.layout.seeds,
          lesions,
          sums: engine.layout.sums,
          degree: degree ? { sums: engine.layout.degree, means: engine.layout.means } : undefined,
          mapping
        })
      ),
    { concurrency: "unbounded" }
  )
  for (const { fault } of done) if (fault !== undefined) return yield* failOfFault(functions, fault)
  return {
    unbounded: subjects.map((_, subject) => done.some(({ unbounded }) => unbounded?.[subject] === true)),
    invalid: subjects.map((_, subject) => done.reduce((sum, { invalid }) => sum + invalid[subject]!, 0)),
    seconds: done.reduce((sum, { seconds }) => sum + seconds, 0)
  }
})

const largestZOf = ({ reduce: { subjects } }: Pass): number => largestZ(subjects, fractionBits)

/** The sums of the pass, once they are plain: rounding was added for the subjects that came, not for those that the pass went on from. */
const endPass = Effect.fnUntraced(function* (pass: Pass) {
  const sums = sumsOf(pass)
  for (let panel = 0; panel < pass.panels; panel += panelsTogether(sums)) {
    const last = Math.min(pass.panels, panel + panelsTogether(sums))
    takeOffRounding(sums.values, sums.rows, sums.lesions, panel, last, pass.subjects)
    yield* Effect.yieldNow
  }
  yield* warnAll(pass.reduce.warns === false ? [] : pass.counts.warnings())
  return sums
})

/** Panels whose sums are made plain in one go: some milliseconds. */
const panelsTogether = ({ lesions }: ConnectivitySums): number => Math.ceil(1e6 / (2 * PANEL_VOXELS * lesions))

/** The sums where they lie in the engine's memory, until the next pass. */
const sumsOf = (pass: Pass): ConnectivitySums => {
  const { engine, reduce, pairing, degree, blocks, panels, subjects, covered, invalidVoxels } = pass
  const { memory, layout } = engine
  const { lesions, voxels, from } = reduce
  const rows = blocks * BLOCK_LESIONS
  const invalidSeeds = Uint32Array.from(new Int32Array(memory.buffer, layout.invalidSeeds, lesions))
  return {
    lesions,
    voxels,
    subjects: subjects + (from?.subjects ?? 0),
    covered,
    fractionBits,
    values: new BigInt64Array(memory.buffer, layout.sums, panels * rows * 2 * PANEL_VOXELS),
    rows,
    width: PANEL_VOXELS,
    pairs: pairing === undefined ? undefined : { seeds: pairing.seeds, sumZ: seedMatrixIn(engine, pairing.seeds) },
    shares: pass.shares,
    degree: degree ? new BigInt64Array(memory.buffer, layout.degree, voxels) : undefined,
    invalidVoxels: invalidVoxels + (from?.invalidVoxels ?? 0),
    invalidSeeds: invalidSeeds.map((count, lesion) => count + (from?.invalidSeeds[lesion] ?? 0)),
    invalidSubjects: joinInvalid(from?.invalidSubjects ?? [], pass.counts.invalid()),
    fingerprints: from?.fingerprints
  }
}
