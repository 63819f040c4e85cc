/**
 * A stage is a value: a name, a typed transformation of a Stream, and its footprint. Pipelines are made of stages, and
 * a stage can be run and tested by itself, on a stream of a few elements.
 *
 * A stage handles one element at a time and keeps the elements' order. It may say what it is by its operation, a plain value that a
 * backend recognises; how it is computed then is the backend's business, and the result is the same.
 */
import type { Stream } from "effect"
import type { ProblemShape } from "./ProblemShape.ts"

/** A stage from elements `In` to elements `Out`, with errors `E` and requirements `R` of its own. */
export interface Stage<in In, out Out, out E = never, out R = never> {
  readonly name: string
  readonly transform: <E0, R0>(input: Stream.Stream<In, E0, R0>) => Stream.Stream<Out, E0 | E, R0 | R>
  /** Bytes that the stage holds at its peak. */
  readonly footprintBytes: (shape: ProblemShape) => number
  /** What the stage is, with all that decides its result. A stage without one is always run as it is. */
  readonly operation?: Operation
}

/** What a stage is: a tag, and the data of that operation. */
export interface Operation {
  readonly _tag: string
  readonly [data: string]: unknown
}

/** A stage of any types, as a pipeline keeps it once its neighbours' types have been checked. */
// biome-ignore lint/suspicious/noExplicitAny: the types of neighbouring stages have been matched by `through`
export type AnyStage = Stage<any, any, any, any>
