/**
 * Reduce: sums z and z² over subjects for each lesion and voxel, and counts what was invalid. Of a subject nothing else
 * is kept: 16 B a lesion and voxel, whatever the number of subjects.
 *
 * Input: tiles of z. Output: one element, when all tiles have come, and warnings of what was invalid just before. Consumes the
 * tiles (releases their buffers).
 * The sums are exact, in fixed point (`fixedPoint.ts`), so they depend neither on the subjects' order nor on how the work was cut. They
 * begin at nothing, or at sums over other subjects of the same study (`from`), and are then those of one pass over all of them.
 */
import { Effect, Fiber, Stream } from "effect"
import type { ConnectivitySums, ReduceOptions, SumsUnreadable } from "../elements/ConnectivitySums.ts"
import { addSumsTo, noSums } from "../elements/ConnectivitySums.ts"
import { type CoveredSubjects, joinSubjects } from "../elements/coveredSubjects.ts"
import { type InvalidCounts, joinInvalid, makeInvalidCounts } from "../elements/InvalidCounts.ts"
import { InvalidTimeSeries } from "../elements/InvalidTimeSeries.ts"
import type { StageOperation } from "../elements/operations.ts"
import { addSeedMatrixSums, type SeedMatrixSums } from "../elements/SeedMatrixSums.ts"
import { addSubjectShares, type SharesLeft } from "../elements/SharesLeft.ts"
import {
  checkDisjoint,
  checkSame,
  checkSameDegree,
  type OverlappingSubjects,
  type SumsMismatch
} from "../elements/SumsMismatch.ts"
import type { Tile } from "../elements/Tile.ts"
import { UnboundedZ } from "../elements/UnboundedZ.ts"
import { accumulate } from "../kernels/accumulate.ts"
import { addSubjectDegree } from "../kernels/degreeSums.ts"
import { roundingTo } from "../kernels/fixedPoint.ts"
import { fractionBitsOf, largestZ } from "../kernels/numericPolicy.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { warnAll } from "../runtime/Warnings.ts"

/**
 * The stage that sums z and z² over subjects. Shapes: `ConnectivitySums`. Errors: `InvalidTimeSeries` with `invalid:
 * error`; `UnboundedZ`; `SumsMismatch`, `OverlappingSubjects` and `SumsUnreadable` where `from` cannot be
 * continued.
 */
export const reduce = (
  options: ReduceOptions
): Stage<
  Tile<"z">,
  ConnectivitySums,
  InvalidTimeSeries | UnboundedZ | SumsMismatch | OverlappingSubjects | SumsUnreadable,
  Progress
> => ({
  name: "reduce",
  operation: { _tag: "reduce", options } satisfies StageOperation,
  transform: (tiles) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const progress = yield* Progress
        const begun = Fiber.join(yield* Effect.forkScoped(Effect.andThen(options.after ?? Effect.void, begin(options))))
        const consumed = Stream.mapEffect(tiles, (tile) =>
          Effect.flatMap(begun, (running) => addTile(running, tile, options, progress))
        )
        const finished = Effect.flatMap(begun, (running) => finish(running, options))
        return Stream.concat(Stream.drain(consumed), Stream.fromEffect(finished))
      })
    ),
  // The sums of `from` stay in memory beside the new ones.
  footprintBytes: ({ lesions, voxels }) => (options.from === undefined ? 2 : 4) * lesions * voxels * bytesPerSum
})

/** What is summed up so far. */
interface Running {
  readonly sums: ConnectivitySums
  readonly toFixed: (value: number) => bigint
  /** Largest |z| that cannot overflow the sums. */
  readonly bound: number
  subjects: number
  covered: CoveredSubjects
  /** Undefined until a subject comes with pairs. */
  pairs: SeedMatrixSums | undefined
  /** Undefined until a subject comes with shares. */
  shares: SharesLeft
  /** Undefined until a subject comes with its degree. */
  degree: BigInt64Array | undefined
  invalidVoxels: number
  /** Invalid voxels of the subject whose tiles are coming. */
  invalidVoxelsOfSubject: number
  readonly counts: InvalidCounts
}

/** The sums over all that has come; warns of what was invalid. */
const finish = (running: Running, { warns = true }: ReduceOptions): Effect.Effect<ConnectivitySums> =>
  Effect.suspend(() => {
    const { sums, subjects, covered, pairs, shares, degree, invalidVoxels, counts } = running
    const invalidSubjects = joinInvalid(sums.invalidSubjects, counts.invalid())
    return Effect.as(warnAll(warns ? counts.warnings() : []), {
      ...sums,
      subjects,
      covered,
      pairs,
      shares,
      degree,
      invalidVoxels,
      invalidSubjects
    })
  })

const begin = Effect.fnUntraced(function* ({ lesions, voxels, subjects, from, names }: ReduceOptions) {
  const fractionBits = fractionBitsOf(subjects)
  const pairs = from?.pairs && { seeds: from.pairs.seeds, sumZ: new BigInt64Array(from.pairs.seeds ** 2) }
  const degree = from?.degree && new BigInt64Array(voxels)
  const sums = { ...noSums({ lesions, voxels, fractionBits, fingerprints: from?.fingerprints }), pairs, degree }
  if (from !== undefined) {
    yield* checkSame("lesions", from.lesions, lesions)
    yield* checkSame("voxels", from.voxels, voxels)
    yield* checkSame("fractionBits", from.fractionBits, fractionBits)
    yield* addSumsTo(from, sums)
    sums.invalidSeeds.set(from.invalidSeeds)
  }
  const running: Running = {
    sums: { ...sums, invalidSubjects: from?.invalidSubjects ?? [] },
    toFixed: roundingTo(fractionBits),
    bound: largestZ(subjects, fractionBits),
    subjects: from?.subjects ?? 0,
    covered: from?.covered ?? [],
    pairs,
    shares: from?.shares?.slice(),
    degree,
    invalidVoxels: from?.invalidVoxels ?? 0,
    invalidVoxelsOfSubject: 0,
    counts: makeInvalidCounts(names)
  }
  return running
})

const addTile = Effect.fnUntraced(function* (
  running: Running,
  tile: Tile<"z">,
  { invalid, subjects }: ReduceOptions,
  progress: Progress["Service"]
) {
  const { sums, toFixed, bound } = running
  const { file, id } = tile.subject
  if (tile.first === 0) yield* beginSubject(running, tile)
  const invalidSeeds = tile.first === 0 ? tile.invalidSeeds.reduce((count, flag) => count + flag, 0) : 0
  if (invalid === "error" && tile.invalidVoxels + invalidSeeds > 0) {
    return yield* new InvalidTimeSeries({ file, subject: id, invalidVoxels: tile.invalidVoxels, invalidSeeds })
  }
  if (!areLesionVoxels(tile.values, tile.lesions * (tile.last - tile.first), bound)) {
    return yield* new UnboundedZ({ file, subject: id, largestZ: bound })
  }
  accumulate(tile.values, tile.lesions, sums.voxels, tile.first, tile.last, sums.values, toFixed)
  running.invalidVoxels += tile.invalidVoxels
  running.invalidVoxelsOfSubject += tile.invalidVoxels
  if (invalidSeeds > 0)
    tile.invalidSeeds.forEach((flag, lesion) => {
      sums.invalidSeeds[lesion]! += flag
    })
  yield* tile.release
  if (tile.endsSubject) {
    running.subjects++
    if (running.subjects > subjects)
      return yield* Effect.die(new Error(`reduce was told of ${subjects} subjects, not more`))
    running.counts.add(tile.subject, running.invalidVoxelsOfSubject, flagged(tile.invalidSeeds))
    running.invalidVoxelsOfSubject = 0
    yield* progress.subjectDone
  }
})

const flagged = (flags: Uint8Array): ReadonlyArray<number> => [...flags.keys()].filter((lesion) => flags[lesion] === 1)

/** Counts the subject as covered, and adds its pairs of seeds and its degree. */
const beginSubject = Effect.fnUntraced(function* (running: Running, { subject, pairs, shares, degree }: Tile<"z">) {
  const covered = [{ first: subject.index, count: 1 }]
  yield* checkDisjoint(running.covered, covered)
  if (running.covered.length === 0) {
    running.pairs = pairs && { ...pairs, sumZ: new BigInt64Array(pairs.sumZ.length) }
    running.shares = shares && new BigInt64Array(shares.length)
    running.degree = degree && new BigInt64Array(degree.length)
  }
  yield* checkSame("pairs", running.pairs?.seeds, pairs?.seeds)
  yield* checkSameDegree(running, { degree })
  yield* checkSame("shares", running.shares?.length, shares?.length)
  if (pairs !== undefined) addSeedMatrixSums(pairs.sumZ, running.pairs!.sumZ)
  if (shares !== undefined) addSubjectShares(shares, running.shares!)
  if (degree !== undefined) addSubjectDegree(degree, running.degree!)
  running.covered = joinSubjects(running.covered, covered)
})

const areLesionVoxels = (values: Float64Array, count: number, bound: number): boolean => {
  for (let i = 0; i < count; i++) if (!(Math.abs(values[i]!) <= bound)) return false
  return true
}
