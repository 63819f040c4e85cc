/**
 * Lesions whose files could not be written, while those of others can: they are remembered, the others are finished first, and the run
 * fails at its end. What takes every file alike, a full disk or a folder that is gone, ends a run at once.
 */
import { Effect, Option, Schema } from "effect"
import { wordsFor } from "../files/systemWords.ts"
import { OutputNotWritten } from "./OutputNotWritten.ts"

/** Lesions that a message names; more are counted. */
const mostNamed = 8

/** The files of some lesions could not be written. Those of the others are there. */
export class LesionsNotWritten extends Schema.TaggedError<LesionsNotWritten>()("LesionsNotWritten", {
  /** The lesions' names in tables, each with what is wrong. */
  lesions: Schema.Array(Schema.Struct({ name: Schema.String, problem: Schema.String }))
}) {
  override get message(): string {
    const named = this.lesions.slice(0, mostNamed).map(({ name, problem }) => `\n  ${name}: ${problem}`)
    const rest = this.lesions.length - mostNamed
    return (
      `the maps of ${this.lesions.length} lesion(s) could not be written:${named.join("")}${rest > 0 ? `\n  and ${rest} more` : ""}\n` +
      "Those of all other lesions are finished. Mend this and run again, which makes the maps that are missing."
    )
  }
}

export interface LesionFailures {
  /**
   * Writes files of a lesion. None where some could not be written for a reason of their own.
   *
   * @param name of the lesion in tables
   *
   * Errors: `OutputNotWritten` where no other file could be written either.
   */
  readonly attempt: <A, E, R>(
    name: string,
    write: Effect.Effect<A, E | OutputNotWritten, R>
  ) => Effect.Effect<Option.Option<A>, E | OutputNotWritten, R>
  /** Fails where some lesion could not be written. */
  readonly check: Effect.Effect<void, LesionsNotWritten>
}

/** @param isThere whether the output folder is still there */
export const makeLesionFailures = (isThere: Effect.Effect<boolean>): LesionFailures => {
  const failed = new Map<string, string>()
  return {
    attempt: (name, write) =>
      Effect.map(write, Option.some).pipe(
        Effect.catch(
          Effect.fnUntraced(function* (error) {
            if (!(error instanceof OutputNotWritten)) return yield* Effect.fail(error)
            if (wordsFor(error.cause)?.ofAllFiles === true || !(yield* isThere)) return yield* Effect.fail(error)
            failed.set(name, `${error.file} could not be written: ${error.reason}`)
            return Option.none()
          })
        )
      ),
    check: Effect.suspend(() =>
      failed.size === 0
        ? Effect.void
        : Effect.fail(new LesionsNotWritten({ lesions: Array.from(failed, ([name, problem]) => ({ name, problem })) }))
    )
  }
}
