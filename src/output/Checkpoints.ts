/**
 * Checkpoints of a run, in `.lnm/checkpoints/` of its output folder: what passes have added up so far, to go on from after an interruption.
 *
 * Each is written whole, under the fingerprint of what it is of, in two generations that take turns: while one is written the other is there,
 * and where one is damaged the other counts, with a warning. They are removed when the run is done.
 */
import { readdir, rm } from "node:fs/promises"
import path from "node:path"
import { Clock, Effect, Schema } from "effect"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { warn } from "../runtime/Warnings.ts"
import type { InvalidArrayFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { runFolder } from "./runFolder.ts"

export const checkpointsFolder = (outputFolder: string): string => path.join(outputFolder, runFolder, "checkpoints")

/** Generations of a checkpoint: one is there while the other is written. */
export const generations = 2

/** A checkpoint could not be written. */
export class CheckpointNotWritten extends Schema.TaggedError<CheckpointNotWritten>()("CheckpointNotWritten", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return (
      `the checkpoint ${this.file} could not be written: ${reasonOf(this.cause)}. The one before it is still there: ` +
      "mend this and run again to go on from it, or set checkpoint: false to compute without."
    )
  }
}

/** The folder of checkpoints cannot be read or emptied. */
export class CheckpointsUnusable extends Schema.TaggedError<CheckpointsUnusable>()("CheckpointsUnusable", {
  folder: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.folder}: the checkpoints cannot be read: ${reasonOf(this.cause)}. Mend this, or begin anew with --fresh.`
  }
}

/** How a kind of checkpoint is written and opened, and which of two has come further. */
export interface CheckpointKind<Saved, Opened> {
  /** Ending of the files' names. */
  readonly ending: string
  readonly save: (file: string, value: Saved, fingerprints: Fingerprints) => Effect.Effect<void, OutputNotWritten>
  readonly open: (file: string) => Effect.Effect<Opened, InvalidArrayFile>
  /** A number that grows from one checkpoint of the same thing to the next. */
  readonly progress: (opened: Opened) => number
}

/** The checkpoints of one thing: of a pass. */
export interface Checkpoint<Saved, Opened, E, R> {
  /** The newest that is whole; undefined where there is none. */
  readonly newest: Effect.Effect<Opened | undefined, CheckpointsUnusable | E, R>
  /** Writes the next one, and gives the seconds that this took. */
  readonly save: (value: Saved) => Effect.Effect<number, CheckpointNotWritten | E, R>
  /** Removes those that were found and saved: what they are of is finished. */
  readonly remove: Effect.Effect<void, CheckpointsUnusable>
}

/**
 * The checkpoints of one thing in a folder, which need not be there yet.
 *
 * @param begin what is done before one is saved, when the fingerprints are known; where it fails, none is
 * @param fingerprints of what they are of; asked for only where there are checkpoints, or one is saved, since it may take long
 */
export const makeCheckpoint = <Saved, Opened, E, R, E2 = never, R2 = never>(
  folder: string,
  fingerprints: Effect.Effect<Fingerprints, E, R>,
  kind: CheckpointKind<Saved, Opened>,
  begin: Effect.Effect<void, E2, R2> | undefined = undefined
): Checkpoint<Saved, Opened, E | E2, R | R2> => {
  const fileOf = ({ sums }: Fingerprints, generation: number) =>
    path.join(folder, `${sums.slice(0, 32)}-${generation}.${kind.ending}`)
  const files = new Set<string>()
  let next = 0
  return {
    newest: Effect.gen(function* () {
      const names = (yield* onFolder(folder, () => readdir(folder).catch(unlessMissing))) ?? []
      if (!names.some((name) => name.endsWith(`.${kind.ending}`))) return undefined
      const found = yield* fingerprints
      let newest: Opened | undefined
      for (let generation = 0; generation < generations; generation++) {
        const file = fileOf(found, generation)
        if (!names.includes(path.basename(file))) continue
        files.add(file)
        const opened = yield* kind.open(file).pipe(Effect.catch((error) => warnOfDamage(file, error)))
        if (opened === undefined) continue
        if (newest !== undefined && kind.progress(opened) <= kind.progress(newest)) continue
        newest = opened
        next = (generation + 1) % generations
      }
      return newest
    }),
    save: (value) =>
      Effect.gen(function* () {
        const found = yield* fingerprints
        yield* begin ?? Effect.void
        const file = fileOf(found, next)
        const startedAt = yield* Clock.currentTimeMillis
        yield* Effect.mapError(kind.save(file, value, found), ({ cause }) => new CheckpointNotWritten({ file, cause }))
        files.add(file)
        next = (next + 1) % generations
        return ((yield* Clock.currentTimeMillis) - startedAt) / 1000
      }),
    remove: Effect.suspend(() =>
      Effect.forEach(files, (file) => onFolder(folder, () => rm(file, { force: true })), { discard: true })
    )
  }
}

const warnOfDamage = (file: string, { problem }: InvalidArrayFile) =>
  Effect.as(
    warn({
      file,
      found: `this checkpoint cannot be gone on from: ${problem}`,
      taken: "What it had is computed again, or as much of it as the one before it lacks"
    }),
    undefined
  )

/** Removes all checkpoints, and the folder where nothing else is in it. */
export const removeCheckpoints = (folder: string): Effect.Effect<void, CheckpointsUnusable> =>
  onFolder(folder, () => rm(folder, { recursive: true, force: true }))

const onFolder = <A>(folder: string, step: () => Promise<A>): Effect.Effect<A, CheckpointsUnusable> =>
  Effect.tryPromise({ try: step, catch: (cause) => new CheckpointsUnusable({ folder, cause }) })
