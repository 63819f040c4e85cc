/**
 * Pipelines: stages in a row, as a value. A pipeline knows its stages, so that its memory can be added up before it
 * runs, and so that the engine, where there is one, can compute a row of them as one.
 *
 * @example
 * Pipeline.make("functional-network-mapping", ingest(connectome)).pipe(
 *   Pipeline.through(seed(lesions)),
 *   Pipeline.through(correlate)
 * )
 */
import { Effect, Option, Pipeable, Stream } from "effect"
import { Engine } from "../engine/Engine.ts"
import type { ProblemShape } from "./ProblemShape.ts"
import type { AnyStage, Fusion, Stage } from "./Stage.ts"

export interface Pipeline<in In, out Out, out E, out R> extends Pipeable.Pipeable {
  readonly name: string
  readonly stages: ReadonlyArray<AnyStage>
  /** The stages, one after the other, each as it is. */
  readonly transform: <E0, R0>(input: Stream.Stream<In, E0, R0>) => Stream.Stream<Out, E0 | E, R0 | R>
}

/** A pipeline of one stage. */
export const make = <In, Out, E, R>(name: string, first: Stage<In, Out, E, R>): Pipeline<In, Out, E, R> =>
  assemble(name, [first], first.transform)

/** The pipeline with one more stage at its end. */
export const through =
  <Mid, Out, E2, R2>(stage: Stage<Mid, Out, E2, R2>) =>
  <In, E, R>(pipeline: Pipeline<In, Mid, E, R>): Pipeline<In, Out, E | E2, R | R2> =>
    assemble(pipeline.name, [...pipeline.stages, stage], (input) => stage.transform(pipeline.transform(input)))

/**
 * The pipeline over an input: a Stream that computes as it is pulled.
 *
 * Where an `Engine` is provided, it computes the rows of stages that it knows as one; the result is the same within the
 * arithmetic's bounds.
 */
export const stream = <In, Out, E, R, E0, R0>(
  pipeline: Pipeline<In, Out, E, R>,
  input: Stream.Stream<In, E0, R0>
): Stream.Stream<Out, E0 | E, R0 | R> =>
  Stream.unwrap(
    Effect.map(Effect.serviceOption(Engine), (engine) =>
      Option.isSome(engine) ? streamOn(engine.value, pipeline, input) : pipeline.transform(input)
    )
  )

/**
 * What each stage will hold at its peak, in bytes.
 *
 * @param workers of the engine that the pipeline will run on; 0: it runs without one
 */
export const footprint = (
  pipeline: { readonly stages: ReadonlyArray<AnyStage> },
  shape: ProblemShape,
  workers: number
): ReadonlyArray<{ readonly stage: string; readonly bytes: number }> =>
  (workers === 0 ? pipeline.stages : fuse(pipeline.stages)).map((step) => ({
    stage: step.name,
    bytes: step.footprintBytes(shape, workers)
  }))

const streamOn = <In, Out, E, R, E0, R0>(
  engine: Engine["Service"],
  { stages }: Pipeline<In, Out, E, R>,
  input: Stream.Stream<In, E0, R0>
): Stream.Stream<Out, E0 | E, R0 | R> =>
  fuse(stages)
    .map((step): AnyStage => ("replaces" in step ? step.stage(engine) : step))
    .reduce<Stream.Stream<Out, E0 | E, R0 | R>>((elements, stage) => stage.transform(elements), input as never)

/** The stages, with those rows that can be computed as one in their place. */
const fuse = (stages: ReadonlyArray<AnyStage>): ReadonlyArray<AnyStage | Fusion> => {
  const steps: Array<AnyStage | Fusion> = []
  for (const [position, stage] of stages.entries()) {
    const fusion = stage.fuse?.(stages.slice(0, position))
    if (fusion === undefined) steps.push(stage)
    else steps.splice(steps.length - fusion.replaces, fusion.replaces, fusion)
  }
  return steps
}

const assemble = <In, Out, E, R>(
  name: string,
  stages: ReadonlyArray<AnyStage>,
  transform: Pipeline<In, Out, E, R>["transform"]
): Pipeline<In, Out, E, R> => ({
  name,
  stages,
  transform,
  pipe() {
    // biome-ignore lint/complexity/noArguments: Effect's pipe protocol takes the arguments object
    return Pipeable.pipeArguments(this, arguments)
  }
})
