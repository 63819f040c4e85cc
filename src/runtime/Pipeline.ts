/**
 * Pipelines: stages in a row, as a value. A pipeline knows its stages, so that its memory can be added up before it
 * runs, and so that a backend can compute rows of them as one.
 *
 * @example
 * Pipeline.make("functional-network-mapping", ingest(connectome)).pipe(
 *   Pipeline.through(seed(lesions)),
 *   Pipeline.through(correlate)
 * )
 */
import { Effect, Pipeable, Stream } from "effect"
import { Backend, type BackendService } from "./Backend.ts"
import type { ProblemShape } from "./ProblemShape.ts"
import type { AnyStage, Stage } from "./Stage.ts"
import type { WorkerFailed } from "./WorkerPool.ts"

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

/** The pipeline with all stages of another behind its own. */
export const andThen =
  <Mid, Out, E2, R2>(next: Pipeline<Mid, Out, E2, R2>) =>
  <In, E, R>(pipeline: Pipeline<In, Mid, E, R>): Pipeline<In, Out, E | E2, R | R2> =>
    assemble(pipeline.name, [...pipeline.stages, ...next.stages], (input) => next.transform(pipeline.transform(input)))

/**
 * The pipeline over an input: a Stream that computes as it is pulled, in the steps of the backend that is provided.
 *
 * Errors: those of its stages, and `WorkerFailed` where a worker of the backend dies.
 */
export const stream = <In, Out, E, R, E0, R0>(
  { stages }: Pipeline<In, Out, E, R>,
  input: Stream.Stream<In, E0, R0>
): Stream.Stream<Out, E0 | E | WorkerFailed, R0 | R> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const backend = yield* Backend
      yield* backend.begin
      // A step's own requirements (threads, memory) are provided with the backend, so its stream needs no more than the
      // stages do.
      return backend
        .fuse(stages)
        .reduce<Stream.Stream<Out, E0 | E | WorkerFailed, R0 | R>>(
          (elements, { stage }) => stage.transform(elements),
          input as never
        )
    })
  )

/** What each step will hold at its peak, in bytes. */
export const footprint = (
  { stages }: { readonly stages: ReadonlyArray<AnyStage> },
  shape: ProblemShape,
  backend: BackendService
): ReadonlyArray<{ readonly stage: string; readonly bytes: number }> =>
  backend.fuse(stages).map(({ stage }) => ({ stage: stage.name, bytes: stage.footprintBytes(shape) }))

/** Whether the backend reads the pipeline's connectome itself, as a store holds it. */
export const readsStored = (
  { stages }: { readonly stages: ReadonlyArray<AnyStage> },
  backend: BackendService
): boolean => backend.fuse(stages).some((step) => step.readsStored === true)

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
