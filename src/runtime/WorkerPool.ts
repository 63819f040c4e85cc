/**
 * A fixed number of worker threads that take tasks from one queue, first come first served. Scoped: when the Scope
 * closes, on success, failure or interruption, every worker is ended before anything else goes on.
 *
 * A task that throws fails with `WorkerFailed`, and so do all tasks once a worker has died.
 */
import { Worker } from "node:worker_threads"
import { Effect, Schema, type Scope } from "effect"
import { type EngineTask, type TaskDone, transfersOf, type WorkerReply, type WorkerStart } from "./EngineTask.ts"

/** A worker reported an error or died. */
export class WorkerFailed extends Schema.TaggedError<WorkerFailed>()("WorkerFailed", {
  task: Schema.String,
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `a worker thread failed in ${this.task}: ${this.problem}. No map was written from incomplete sums; run again.`
  }
}

export interface WorkerPool {
  readonly workers: number
  /** Runs a task on the next free worker. A task that has begun is not stopped by interruption. */
  readonly run: (task: EngineTask) => Effect.Effect<TaskDone, WorkerFailed>
}

type Settle = (result: Effect.Effect<TaskDone, WorkerFailed>) => void

interface Job {
  readonly task: EngineTask
  readonly settle: Settle
}

/**
 * Bound of the part of a worker's heap that V8 would otherwise let grow to 48 MB with the number of tasks. A worker makes
 * only small objects.
 */
const maxYoungGenerationSizeMb = 2

/** The compiled package has its worker beside it as JavaScript, a checkout as TypeScript. */
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./engineWorker.ts" : "./engineWorker.js", import.meta.url)

export const makeWorkerPool = (
  starts: ReadonlyArray<WorkerStart>
): Effect.Effect<WorkerPool, WorkerFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting: Array<Job> = []
    const idle: Array<PooledWorker> = []
    let death: WorkerFailed | undefined

    const dispatch = (): void => {
      while (waiting.length > 0 && idle.length > 0) idle.pop()!.begin(waiting.shift()!)
    }
    const whenDead = (failure: WorkerFailed): void => {
      death ??= failure
      for (const job of waiting.splice(0)) job.settle(Effect.fail(death))
    }
    const whenIdle = (worker: PooledWorker): void => {
      idle.push(worker)
      dispatch()
    }
    for (const start of starts) {
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const worker = new PooledWorker(start, whenIdle, whenDead)
          idle.push(worker)
          return worker
        }),
        (worker) => Effect.promise(() => worker.end())
      )
    }
    return {
      workers: starts.length,
      run: (task) =>
        Effect.callback<TaskDone, WorkerFailed>((settle) => {
          if (death !== undefined) return settle(Effect.fail(death))
          const job: Job = { task, settle }
          waiting.push(job)
          dispatch()
          return Effect.sync(() => {
            const position = waiting.indexOf(job)
            if (position >= 0) waiting.splice(position, 1)
          })
        })
    }
  })

/** One thread and the job that it is at. */
class PooledWorker {
  readonly #thread: Worker
  #job: Job | undefined

  constructor(start: WorkerStart, whenIdle: (worker: PooledWorker) => void, whenDead: (failure: WorkerFailed) => void) {
    this.#thread = new Worker(workerFile, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb } })
    this.#thread.on("message", (reply: WorkerReply) => {
      const job = this.#job!
      this.#job = undefined
      job.settle(reply.ok ? Effect.succeed(reply.done) : Effect.fail(failureOf(job.task, reply.error)))
      whenIdle(this)
    })
    const die = (problem: string, cause?: unknown) => {
      const failure = new WorkerFailed({
        task: this.#job?.task.kind ?? "start",
        problem,
        ...(cause === undefined ? {} : { cause })
      })
      this.#job?.settle(Effect.fail(failure))
      this.#job = undefined
      whenDead(failure)
    }
    this.#thread.on("error", (cause: Error) => die(cause.message, cause))
    this.#thread.on("exit", (code) => die(`the thread ended with code ${code}`))
  }

  begin(job: Job): void {
    this.#job = job
    this.#thread.postMessage(job.task, transfersOf(job.task))
  }

  async end(): Promise<void> {
    this.#thread.removeAllListeners()
    await this.#thread.terminate()
  }
}

const failureOf = (task: EngineTask, error: { readonly message: string; readonly stack: string | undefined }) =>
  new WorkerFailed({ task: task.kind, problem: error.message, cause: Object.assign(new Error(error.message), error) })
