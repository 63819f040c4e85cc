/**
 * A stage is a value: a name, a typed transformation of a Stream, and its footprint. Pipelines are made of stages, and
 * a stage can be run and tested by itself, on a stream of a few elements.
 *
 * A stage handles one element at a time and keeps the elements' order. An element that carries a buffer (a chunk, a
 * tile) is owned by whoever received it last: that stage either hands it on or calls its `release`.
 */
import type { Stream } from "effect"
import type { ProblemShape } from "./ProblemShape.ts"

export interface Stage<in In, out Out, out E = never, out R = never> {
  readonly name: string
  readonly transform: <E0, R0>(input: Stream.Stream<In, E0, R0>) => Stream.Stream<Out, E0 | E, R0 | R>
  /** Bytes that the stage holds at its peak. */
  readonly footprintBytes: (shape: ProblemShape) => number
}

/** Any stage, where only its name and footprint matter. */
export type AnyStage = Pick<Stage<never, unknown>, "name" | "footprintBytes">
