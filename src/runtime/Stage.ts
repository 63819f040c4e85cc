/**
 * A stage is a value: a name, a typed transformation of a Stream, and its footprint. Pipelines are made of stages, and
 * a stage can be run and tested by itself, on a stream of a few elements.
 *
 * A stage handles one element at a time and keeps the elements' order. An element that carries a buffer (a chunk, a
 * tile) is owned by whoever received it last: that stage either hands it on or calls its `release`.
 */
import type { Stream } from "effect"
import type { Engine } from "../engine/Engine.ts"
import type { ProblemShape } from "./ProblemShape.ts"

export interface Stage<in In, out Out, out E = never, out R = never> {
  readonly name: string
  readonly transform: <E0, R0>(input: Stream.Stream<In, E0, R0>) => Stream.Stream<Out, E0 | E, R0 | R>
  /** Bytes that the stage holds at its peak. */
  readonly footprintBytes: (shape: ProblemShape) => number
  /**
   * How the engine computes this stage and some before it as one, with the same result, where the stages that precede it
   * in a pipeline allow that. Undefined, or returning undefined: the stages run as they are.
   */
  readonly fuse?: (preceding: ReadonlyArray<AnyStage>) => Fusion | undefined
}

/** A stage of any types, as a pipeline keeps it once its neighbours' types have been checked. */
// biome-ignore lint/suspicious/noExplicitAny: the types of neighbouring stages have been matched by `through`
export type AnyStage = Stage<any, any, any, any>

/** A row of stages that the engine can compute as one. */
export interface Fusion {
  /** How many preceding stages are computed with the stage that offered this. */
  readonly replaces: number
  readonly stage: (engine: Engine["Service"]) => AnyStage
  readonly name: string
  readonly footprintBytes: (shape: ProblemShape, workers: number) => number
}
