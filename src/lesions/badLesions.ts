/**
 * What becomes of lesions that cannot be used: all are told at once, so that one attempt is enough to know what is to be mended;
 * or they are left out, each with a warning.
 */
import { Effect, Result, Schema } from "effect"
import { type Warning, warnAll } from "../runtime/Warnings.ts"
import type { Lesion } from "./Lesion.ts"
import type { LesionError } from "./LesionError.ts"

/** `error`: bad lesions are listed and nothing is computed. `skip`: they are left out. */
export type OnBadLesion = "error" | "skip"

/** The result of loading a lesion, and the warnings that came meanwhile. */
export interface TriedLesion {
  /** What messages call it. */
  readonly file: string
  /** What tables call it; default: `file`. */
  readonly name?: string
  readonly result: Result.Result<Lesion, LesionError>
  readonly warnings: ReadonlyArray<Warning>
}

/** Several lesions, or all, cannot be used. */
export class BadLesions extends Schema.TaggedError<BadLesions>()("BadLesions", {
  /** Lesions of the study, bad or not. */
  lesions: Schema.Int,
  bad: Schema.Array(Schema.Struct({ file: Schema.String, tag: Schema.String, message: Schema.String })),
  onBad: Schema.Literals(["error", "skip"])
}) {
  override get message(): string {
    const left = this.lesions - this.bad.length
    const remedy =
      left === 0
        ? "None is left to map: mend them, or check lesions.path"
        : `Mend them or leave them out; with \`lesions.on_bad: skip\` the other ${left} would be mapped`
    const lines = this.bad.map(({ message }) => `  ${message}\n`)
    return `${this.bad.length} of ${this.lesions} lesions cannot be used:\n${lines.join("")}${remedy}`
  }
}

/** A lesion that is left out, and why: a clause without a full stop. */
export interface LeftOutLesion {
  readonly file: string
  /** What tables call it; default: its file. */
  readonly name?: string
  readonly reason: string
}

/** By what the lesion's error says of it. */
const leftOutBy = (file: string, name: string | undefined, { message }: LesionError): LeftOutLesion => ({
  file,
  ...(name === undefined ? {} : { name }),
  reason: (message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message).replace(/\.$/, "")
})

/** What is said of such a lesion, after the reason. */
export const leftOutWords = "The lesion was left out (lesions.on_bad: skip)"

const warningOf = ({ file, reason }: LeftOutLesion): Warning => ({
  file,
  found: reason,
  taken: leftOutWords
})

/** The lesions that can be used, in order, and those that are left out. */
export interface UsableLesions {
  readonly lesions: ReadonlyArray<Lesion>
  readonly leftOut: ReadonlyArray<LeftOutLesion>
}

/**
 * Parts the lesions, and issues the warnings.
 *
 * Errors: the error of a lesion where one alone is bad, `BadLesions` where several are; with `skip` only where none is left.
 */
export const keepUsable = Effect.fnUntraced(function* (
  tried: ReadonlyArray<TriedLesion>,
  onBad: OnBadLesion
): Effect.fn.Return<UsableLesions, LesionError | BadLesions> {
  const lesions = tried.flatMap(({ result }) => (Result.isSuccess(result) ? [result.success] : []))
  const bad = tried.flatMap(({ file, name, result }) =>
    Result.isFailure(result) ? [{ file, name, error: result.failure }] : []
  )
  const skipped = onBad === "skip" && lesions.length > 0
  // A lesion that is left out has no other warnings: they would say what was taken of it.
  yield* warnAll(tried.flatMap(({ result, warnings }) => (skipped && Result.isFailure(result) ? [] : warnings)))
  const leftOut = skipped ? bad.map(({ file, name, error }) => leftOutBy(file, name, error)) : []
  yield* warnAll(leftOut.map(warningOf))
  if (skipped || bad.length === 0) return { lesions, leftOut }
  if (bad.length === 1) return yield* bad[0]!.error
  const listed = bad.map(({ file, error }) => ({ file, tag: error._tag, message: error.message }))
  return yield* new BadLesions({ lesions: tried.length, bad: listed, onBad })
})
