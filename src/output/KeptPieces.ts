/**
 * Pieces of a long computation that are kept while it goes on, so that a run that was interrupted does not compute them again: named groups of
 * arrays, in `.lnm/pieces/` of the output folder, below the fingerprint of what they are of.
 *
 * Each is a file of its own that appears whole or not at all and is held against its checksum. Pieces wait in memory until writing them
 * costs little beside computing them, and are written when the run stops, but for one that is killed. They are removed when the run is done.
 */
import { readdir, rm } from "node:fs/promises"
import path from "node:path"
import { Clock, Context, Effect, Layer } from "effect"
import { unlessMissing } from "../files/unlessMissing.ts"
import { warn } from "../runtime/Warnings.ts"
import { CheckpointNotWritten, CheckpointsUnusable } from "./Checkpoints.ts"
import { type CheckpointInterval, makeCheckpointTiming } from "./checkpointTiming.ts"
import { runFolder } from "./runFolder.ts"
import { loadPiece, type PieceArrays, type PieceLabel, savePiece } from "./savedPiece.ts"

/** The pieces of one computation. */
export interface Pieces {
  /**
   * The arrays that an earlier run has kept under a name, or else those that are computed now, which are kept. Names are letters, digits and
   * hyphens. A piece that is damaged is computed again, with a warning.
   */
  readonly keptOr: <A extends PieceArrays<A>, E, R>(
    name: string,
    compute: Effect.Effect<A, E, R>
  ) => Effect.Effect<{ readonly arrays: A; readonly isKept: boolean }, E | CheckpointNotWritten, R>
}

export interface KeptPiecesService {
  /** Pieces of the computation with this fingerprint, a SHA-256 of all that decides their values. */
  readonly of: (fingerprint: string) => Effect.Effect<Pieces, CheckpointsUnusable>
  /** How often the run was interrupted and has gone on with pieces of before, this time included. */
  readonly resumes: Effect.Effect<number>
  /** Removes all pieces: what they are of is done, or is to begin anew. */
  readonly remove: Effect.Effect<void, CheckpointsUnusable>
}

/** Pieces that are not kept. */
export const nothingKept: Pieces = {
  keptOr: (_, compute) => Effect.map(compute, (arrays) => ({ arrays, isKept: false }))
}

const keepsNothing: KeptPiecesService = {
  of: () => Effect.succeed(nothingKept),
  resumes: Effect.succeed(0),
  remove: Effect.void
}

/** What the running program keeps of its computations. Default: nothing. */
export const KeptPieces = Context.Reference<KeptPiecesService>("lesion-network-mapping/output/KeptPieces", {
  defaultValue: () => keepsNothing
})

/** Bytes that wait at most. */
const mostWaitingBytes = 32 * 2 ** 20

/** Size of a piece that the cost of the first is judged by. */
const usualBytes = 2 ** 20

/** Keeps pieces in an output folder. @param interval seconds between two writings; undefined: chosen by what they cost */
export const keptPiecesLayer = (outputFolder: string, interval: CheckpointInterval): Layer.Layer<never> =>
  Layer.effect(KeptPieces, makeKeptPieces(path.join(outputFolder, runFolder, "pieces"), interval))

interface Waiting {
  readonly file: string
  readonly arrays: object
  readonly bytes: number
  readonly label: PieceLabel
}

const makeKeptPieces = Effect.fnUntraced(function* (folder: string, interval: CheckpointInterval) {
  const secondsNow = Effect.map(Clock.currentTimeMillis, (millis) => millis / 1000)
  const timing = makeCheckpointTiming(usualBytes, interval, yield* secondsNow)
  const waiting: Array<Waiting> = []
  let isWriting = false
  let resumes = 0

  /** A piece waits until it is written, so that none is lost where this is interrupted. */
  const write = Effect.gen(function* () {
    const start = yield* secondsNow
    for (let piece = waiting[0]; piece !== undefined; piece = waiting[0]) {
      const { file, arrays, label } = piece
      yield* savePiece(file, arrays, label).pipe(
        Effect.mapError(({ cause }) => new CheckpointNotWritten({ file, cause }))
      )
      waiting.shift()
    }
    const end = yield* secondsNow
    timing.written(end - start, end)
  })
  const writeWhenDue = Effect.gen(function* () {
    const isFull = waiting.reduce((sum, { bytes }) => sum + bytes, 0) > mostWaitingBytes
    if (isWriting || !(timing.isDue(yield* secondsNow) || isFull)) return
    isWriting = true
    yield* Effect.ensuring(
      write,
      Effect.sync(() => {
        isWriting = false
      })
    )
  })
  yield* Effect.addFinalizer(() => Effect.ignore(write))

  const find = Effect.fnUntraced(function* (file: string, fingerprint: string) {
    const piece = yield* loadPiece(file).pipe(
      Effect.catch((error) =>
        Effect.as(
          warn({
            file,
            found: `this piece of an interrupted run cannot be used: ${error.problem}`,
            taken: "It is computed again"
          }),
          undefined
        )
      )
    )
    if (piece?.label.fingerprint !== fingerprint) return undefined
    resumes = Math.max(resumes, piece.label.resumes + 1)
    return piece.arrays
  })

  const of = Effect.fnUntraced(function* (fingerprint: string) {
    const own = path.join(folder, fingerprint.slice(0, 32))
    const names = new Set((yield* onFolder(own, () => readdir(own).catch(unlessMissing))) ?? [])
    const pieces: Pieces = {
      keptOr: (name, compute) =>
        Effect.gen(function* () {
          const file = path.join(own, `${name}.piece`)
          const found = names.has(path.basename(file)) ? yield* find(file, fingerprint) : undefined
          // What is in a piece of this fingerprint is what was computed under this name.
          if (found !== undefined) return { arrays: found as Effect.Success<typeof compute>, isKept: true }
          const arrays = yield* compute
          const bytes = Object.values<ArrayBufferView>(arrays).reduce((sum, { byteLength }) => sum + byteLength, 0)
          waiting.push({ file, arrays, bytes, label: { fingerprint, resumes } })
          yield* writeWhenDue
          return { arrays, isKept: false }
        })
    }
    return pieces
  })
  return {
    of,
    resumes: Effect.sync(() => resumes),
    remove: Effect.suspend(() => {
      waiting.length = 0
      return onFolder(folder, () => rm(folder, { recursive: true, force: true }))
    })
  }
})

const onFolder = <A>(folder: string, step: () => Promise<A>): Effect.Effect<A, CheckpointsUnusable> =>
  Effect.tryPromise({ try: step, catch: (cause) => new CheckpointsUnusable({ folder, cause }) })
