/**
 * A fixed number of worker threads that take tasks from one queue, first come first served. Scoped: when the Scope
 * closes, on success, failure or interruption, every worker is ended before anything else goes on.
 *
 * A task that throws fails with `WorkerFailed`, and so do all tasks once a worker has died.
 */
import { Worker } from "node:worker_threads"
import { Effect, Schema, type Scope } from "effect"
import { shortageOf } from "../files/shortage.ts"
import { transfersOf } from "./transfersOf.ts"

/** A worker reported an error or died. */
export class WorkerFailed extends Schema.TaggedError<WorkerFailed>()("WorkerFailed", {
  task: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const shortage = shortageOf({ message: this.problem, cause: this.cause })
    return `a worker thread failed in ${this.task}: ${shortage === undefined ? `${this.problem}. ${this.remedy}` : `${shortage}.`}`
  }
}

export interface WorkerPool<Task, Done> {
  readonly workers: number
  /**
   * Runs a task on the next free worker. A task that has begun is not stopped by interruption; interruption waits for its reply, so that
   * nothing is written to shared memory after it, but for a task that writes nothing there.
   */
  readonly run: (task: Task) => Effect.Effect<Done, WorkerFailed>
}

/** A task says its kind, for messages, and whether it leaves shared memory as it is. */
export interface WorkerTask {
  readonly kind: string
  readonly writesNothing?: boolean
}

/** What a worker runs: a module that answers each task with a reply. */
export interface WorkerProgram {
  readonly file: URL
  /** What to do where a worker fails. */
  readonly remedy: string
}

/** What a worker answers to a task. */
export type Reply<Done> =
  | { readonly ok: true; readonly done: Done }
  | { readonly ok: false; readonly error: { readonly message: string; readonly stack: string | undefined } }

type Settle<Done> = (result: Effect.Effect<Done, WorkerFailed>) => void

interface Job<Task, Done> {
  readonly task: Task
  /** Takes the result: gives it to the caller, or ends the wait of a caller that was interrupted. */
  settle: Settle<Done>
}

/**
 * Bound of the part of a worker's heap that V8 would otherwise let grow to 48 MB with the number of tasks. A worker makes
 * only small objects.
 */
const maxYoungGenerationSizeMb = 2

/**
 * The module of a worker: JavaScript in the compiled package, TypeScript in a checkout.
 *
 * @param name without extension, relative to the module `base`
 * @param base `import.meta.url` of the caller
 */
export const workerFile = (name: string, base: string): URL =>
  new URL(`${name}${base.endsWith(".ts") ? ".ts" : ".js"}`, base)

/** Starts the workers, one for each of `starts`, which it is given. */
export const makeWorkerPool = <Start, Task extends WorkerTask, Done>(
  starts: ReadonlyArray<Start>,
  program: WorkerProgram
): Effect.Effect<WorkerPool<Task, Done>, WorkerFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting: Array<Job<Task, Done>> = []
    const idle: Array<PooledWorker<Task, Done>> = []
    let death: WorkerFailed | undefined

    const dispatch = (): void => {
      while (waiting.length > 0 && idle.length > 0) idle.pop()!.begin(waiting.shift()!)
    }
    const whenDead = (failure: WorkerFailed): void => {
      death ??= failure
      for (const job of waiting.splice(0)) job.settle(Effect.fail(death))
    }
    const whenIdle = (worker: PooledWorker<Task, Done>): void => {
      idle.push(worker)
      dispatch()
    }
    for (const start of starts) {
      yield* Effect.acquireRelease(
        Effect.try({
          try: () => {
            const worker = new PooledWorker<Task, Done>(program, start, whenIdle, whenDead)
            idle.push(worker)
            return worker
          },
          // Where the system gives no more threads.
          catch: (cause) =>
            new WorkerFailed({ task: "start", problem: (cause as Error).message, remedy: program.remedy, cause })
        }),
        (worker) => Effect.promise(() => worker.end())
      )
    }
    return {
      workers: starts.length,
      run: (task) =>
        Effect.callback<Done, WorkerFailed>((settle) => {
          if (death !== undefined) return settle(Effect.fail(death))
          const job: Job<Task, Done> = { task, settle }
          waiting.push(job)
          dispatch()
          return Effect.suspend(() => {
            const position = waiting.indexOf(job)
            if (position < 0) return task.writesNothing === true ? Effect.void : untilSettled(job)
            waiting.splice(position, 1)
            return Effect.void
          })
        })
    }
  })

/** Waits for the reply of a task that has begun and whose result nobody wants any more. */
const untilSettled = <Task, Done>(job: Job<Task, Done>): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    job.settle = () => resume(Effect.void)
  })

/** One thread and the job that it is at. */
class PooledWorker<Task extends WorkerTask, Done> {
  readonly #thread: Worker
  #job: Job<Task, Done> | undefined

  constructor(
    { file, remedy }: WorkerProgram,
    start: unknown,
    whenIdle: (worker: PooledWorker<Task, Done>) => void,
    whenDead: (failure: WorkerFailed) => void
  ) {
    this.#thread = new Worker(file, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb } })
    this.#thread.on("message", (reply: Reply<Done>) => {
      const job = this.#job!
      this.#job = undefined
      job.settle(reply.ok ? Effect.succeed(reply.done) : Effect.fail(failureOf(job.task, reply.error, remedy)))
      whenIdle(this)
    })
    const die = (problem: string, cause?: unknown) => {
      const failure = new WorkerFailed({
        task: this.#job?.task.kind ?? "start",
        problem,
        remedy,
        ...(cause === undefined ? {} : { cause })
      })
      this.#job?.settle(Effect.fail(failure))
      this.#job = undefined
      whenDead(failure)
    }
    this.#thread.on("error", (cause: Error) => die(cause.message, cause))
    this.#thread.on("exit", (code) => die(`the thread ended with code ${code}`))
  }

  begin(job: Job<Task, Done>): void {
    this.#job = job
    this.#thread.postMessage(job.task, transfersOf(job.task))
  }

  async end(): Promise<void> {
    this.#thread.removeAllListeners()
    await this.#thread.terminate()
  }
}

const failureOf = (
  { kind }: WorkerTask,
  error: { readonly message: string; readonly stack: string | undefined },
  remedy: string
) =>
  new WorkerFailed({
    task: kind,
    problem: error.message,
    remedy,
    cause: Object.assign(new Error(error.message), error)
  })
