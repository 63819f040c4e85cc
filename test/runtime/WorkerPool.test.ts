import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { engineProgram } from "../../src/engine/Engine.ts"
import type { ConnectivityTask, EngineTask, ReadTask, TaskDone, WorkerStart } from "../../src/engine/EngineTask.ts"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import { RESERVED_BYTES } from "../../src/kernels/WasmKernels.ts"
import { makeWorkerPool, type WorkerTask } from "../../src/runtime/WorkerPool.ts"

const startWorkers = (starts: ReadonlyArray<WorkerStart>) =>
  makeWorkerPool<WorkerStart, EngineTask, TaskDone>(starts, engineProgram)

const memoryBytes = 2 ** 20

const start = Effect.promise(async (): Promise<WorkerStart> => {
  const { module } = await compileKernels({ arithmetic: "strict", vectors: 128 })
  const memory = makeKernelMemory(memoryBytes)
  const invalidVoxels = RESERVED_BYTES
  return { module, memory, invalidVoxels, scratch: invalidVoxels + 64 }
})

/** One panel of one subject, all zeros: every voxel is invalid. */
const zeros: ConnectivityTask = {
  kind: "connectivity",
  values: 2 ** 16,
  subjects: 1,
  timePoints: 4,
  voxels: 8,
  firstPanel: 0,
  panels: 1,
  tilePanels: 2,
  seeds: 2 ** 17,
  lesions: 1,
  sums: 2 ** 18,
  degree: undefined
}

const unreadable: ReadTask = {
  kind: "read",
  reader: "hdf5",
  block: {
    path: "/nowhere/at-all.h5",
    layout: { timePoints: 4, voxels: 8, type: "float32", chunks: undefined },
    offset: [0, 0, 0],
    count: [1, 4, 8]
  },
  subjects: [{ address: 2 ** 16, length: 32 }]
}

describe("WorkerPool", () => {
  it.live("fails where the system starts no thread, with what to do", () =>
    Effect.gen(function* () {
      // As where it gives no more threads, Node throws when the worker is made.
      const program = { file: new URL("https://nowhere/worker.js"), remedy: "Run again." }
      const error = yield* Effect.flip(Effect.scoped(makeWorkerPool<unknown, EngineTask, TaskDone>([0, 1], program)))
      assert.deepStrictEqual([error._tag, error.task, error.remedy], ["WorkerFailed", "start", "Run again."])
    })
  )

  it.live("runs more tasks than it has workers, and says what each counted", () =>
    Effect.gen(function* () {
      const one = yield* start
      const pool = yield* startWorkers([one, { ...one, invalidVoxels: 2 ** 15, scratch: 2 ** 15 + 64 }])
      const done = yield* Effect.forEach(Array.from({ length: 20 }), () => pool.run(zeros), {
        concurrency: "unbounded"
      })
      for (const { invalid, seconds } of done) {
        assert.deepStrictEqual(invalid, [8])
        assert.isAbove(seconds, 0)
      }
    }).pipe(Effect.scoped)
  )

  it.live("fails a task with what the worker threw, and goes on with the next", () =>
    Effect.gen(function* () {
      const pool = yield* startWorkers([yield* start])
      const beyond = yield* Effect.flip(pool.run({ ...zeros, values: 2 ** 31 }))
      assert.strictEqual(beyond._tag, "WorkerFailed")
      assert.include(beyond.message, "out of bounds")
      const missing = yield* Effect.flip(pool.run(unreadable))
      assert.include(missing.message, "/nowhere/at-all.h5")
      assert.deepStrictEqual((yield* pool.run(zeros)).invalid, [8])
    }).pipe(Effect.scoped)
  )

  it.live("does not wait for a task that writes nothing where it is interrupted, and goes on with the next", () =>
    Effect.gen(function* () {
      const worker = `import { parentPort } from "node:worker_threads"
        parentPort.on("message", ({ kind }) => kind !== "endless" && parentPort.postMessage({ ok: true, done: kind }))`
      const file = new URL(`data:text/javascript,${encodeURIComponent(worker)}`)
      const pool = yield* makeWorkerPool<object, WorkerTask, string>([{}, {}], { file, remedy: "" })
      const running = yield* Effect.forkChild(pool.run({ kind: "endless", writesNothing: true }))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(running)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(running)))
      assert.strictEqual(yield* pool.run({ kind: "next" }), "next")
    }).pipe(Effect.scoped, Effect.timeout("20 seconds"))
  )

  it.live("fails every task, waiting or new, once a worker has died", () =>
    Effect.gen(function* () {
      // No module: the worker throws when it starts.
      const pool = yield* startWorkers([{ ...(yield* start), module: undefined as never }])
      const exits = yield* Effect.forEach([zeros, zeros], (task) => Effect.exit(pool.run(task)), {
        concurrency: "unbounded"
      })
      assert.isTrue(exits.every(Exit.isFailure))
      const later = yield* Effect.flip(pool.run(zeros))
      assert.strictEqual(later._tag, "WorkerFailed")
    }).pipe(Effect.scoped)
  )
})
