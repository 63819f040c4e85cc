/**
 * The worker thread of `prepare-connectome`: runs the stages from a subject's scan to its chunk files, one subject at a
 * time, in memory that it keeps.
 */
import { parentPort, workerData } from "node:worker_threads"
import { Effect, Stream } from "effect"
import { Backend } from "../../src/runtime/Backend.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import type { Reply } from "../../src/runtime/WorkerPool.ts"
import type { PrepareStart, SubjectDone, SubjectTask } from "./PrepareTask.ts"
import { storeSubject } from "./storeSubject.ts"

const pipeline = storeSubject(workerData as PrepareStart)

const perform = ({ subject }: SubjectTask): Effect.Effect<SubjectDone> => {
  const startedAt = performance.now()
  return Pipeline.stream(pipeline, Stream.make(subject)).pipe(
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.map((entry): SubjectDone => ({ outcome: "stored", entry, seconds: (performance.now() - startedAt) / 1000 })),
    Effect.catchTags({
      BadSubject: ({ file, problem }) => Effect.succeed<SubjectDone>({ outcome: "bad", file, problem }),
      StoreNotWritten: ({ file, problem }) => Effect.succeed<SubjectDone>({ outcome: "notWritten", file, problem })
    }),
    Effect.orDie,
    Effect.provide(Backend.layerPlain)
  )
}

const work = (task: SubjectTask): Promise<Reply<SubjectDone>> =>
  Effect.runPromise(perform(task)).then(
    (done): Reply<SubjectDone> => ({ ok: true, done }),
    (cause): Reply<SubjectDone> => {
      const { message, stack } = cause instanceof Error ? cause : new Error(String(cause))
      return { ok: false, error: { message, stack } }
    }
  )

parentPort!.on("message", async (task: SubjectTask) => {
  parentPort!.postMessage(await work(task))
})
