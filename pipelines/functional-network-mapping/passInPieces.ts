/**
 * A pass over all subjects in pieces: a piece ends where a checkpoint is due or a stop is asked for, and the next goes on from its sums,
 * which stay where they are. What comes out is the same to the bit, however often it is cut, stopped and gone on with.
 */
import { Clock, Effect, Schema, Stream } from "effect"
import type { SubjectRange } from "../../src/elements/Chunk.ts"
import { type CoveredSubjects, countSubjects, missingSubjects, overlapOf } from "../../src/elements/coveredSubjects.ts"
import type { Checkpoint } from "../../src/output/Checkpoints.ts"
import { type CheckpointInterval, makeCheckpointTiming } from "../../src/output/checkpointTiming.ts"
import { Interruption } from "../../src/runtime/Interruption.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { joinRecords, type PassRecord } from "./PassRecord.ts"

/** The run was asked to stop, and has kept what it has. */
export class RunStopped extends Schema.TaggedError<RunStopped>()("RunStopped", {
  folder: Schema.String,
  subjectsDone: Schema.Int,
  subjects: Schema.Int
}) {
  override get message(): string {
    return (
      `stopped: ${this.subjectsDone} of ${this.subjects} subjects of this pass are kept in ${this.folder}. ` +
      "Run the same command again to go on from there."
    )
  }
}

/** What has been added up over some subjects, in memory or on disk. */
interface Covering {
  readonly covered: CoveredSubjects
}

export interface PieceOptions<Sums extends Covering, Kept extends Covering, E, R, E2, R2> {
  readonly subjects: number
  /** Those that the pass is over. Default: all. */
  readonly share?: SubjectRange | undefined
  readonly subjectsPerChunk: number
  /** Adds ranges of subjects to what there is. */
  readonly add: (ranges: Stream.Stream<SubjectRange>, from: Sums | Kept | undefined) => Effect.Effect<Sums, E, R>
  /** Undefined: the pass is one piece, and nothing of it is kept. */
  readonly checkpoint: Checkpoint<Sums, Kept, E2, R2> | undefined
  /** Bytes of a checkpoint. */
  readonly bytes: number
  readonly interval: CheckpointInterval
  /** The folder that messages name. */
  readonly folder: string
}

/**
 * Runs a pass from its newest checkpoint on; gives its sums, and what checkpoints did for it.
 * Errors: `RunStopped` where a stop was asked for; those of checkpoints and of the pass.
 */
export const passInPieces = Effect.fnUntraced(function* <Sums extends Covering, Kept extends Covering, E, R, E2, R2>(
  options: PieceOptions<Sums, Kept, E, R, E2, R2>
) {
  const { add, checkpoint } = options
  const share = options.share ?? { first: 0, count: options.subjects }
  const subjects = share.count
  const left = (covered: CoveredSubjects) =>
    rangesOf(overlapOf(missingSubjects(covered, options.subjects), [share]), options.subjectsPerChunk)
  if (checkpoint === undefined)
    return { sums: yield* add(Stream.fromIterable(left([])), undefined), record: joinRecords([]) }
  const interruption = yield* Interruption
  const progress = yield* Progress
  const kept = yield* checkpoint.newest
  const takenOver = countSubjects(kept?.covered ?? [])
  yield* progress.subjectsTakenOver(takenOver)
  const timing = makeCheckpointTiming(options.bytes, options.interval, yield* nowSeconds)
  let record: PassRecord = { takenOver, checkpoints: 0, checkpointSeconds: 0 }
  const save = Effect.fnUntraced(function* (sums: Sums) {
    const seconds = yield* checkpoint.save(sums)
    timing.written(seconds, yield* nowSeconds)
    record = joinRecords([record, { takenOver: 0, checkpoints: 1, checkpointSeconds: seconds }])
  })
  const pieces = Effect.gen(function* () {
    let from: Sums | Kept | undefined = kept
    for (;;) {
      const ranges = left(from?.covered ?? [])
      let started = 0
      const goesOn = Effect.gen(function* () {
        if (yield* interruption.isRequested) return false
        return started++ === 0 || !timing.isDue(yield* nowSeconds)
      })
      const sums: Sums = yield* add(
        Stream.takeWhileEffect(Stream.fromIterable(ranges, { chunkSize: 1 }), () => goesOn),
        from
      )
      const done = countSubjects(sums.covered)
      if (done === subjects) {
        // What is made of the sums may be interrupted too.
        if (timing.isDue(yield* nowSeconds)) yield* save(sums)
        return sums
      }
      yield* save(sums)
      if (yield* interruption.isRequested) {
        return yield* new RunStopped({ folder: options.folder, subjectsDone: done, subjects })
      }
      from = sums
    }
  })
  const sums = yield* interruption.heeded(pieces)
  return { sums, record }
})

const nowSeconds = Effect.map(Clock.currentTimeMillis, (milliseconds) => milliseconds / 1000)

/** Ranges of subjects, cut to chunks. */
const rangesOf = (missing: CoveredSubjects, subjectsPerChunk: number): ReadonlyArray<SubjectRange> =>
  missing.flatMap(({ first, count }) =>
    Array.from({ length: Math.ceil(count / subjectsPerChunk) }, (_, chunk) => ({
      first: first + chunk * subjectsPerChunk,
      count: Math.min(subjectsPerChunk, count - chunk * subjectsPerChunk)
    }))
  )
