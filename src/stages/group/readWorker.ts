/** A worker that reads maps: one task after another, each with one reply. Free of Effect, so that it starts quickly. */
import { parentPort, workerData } from "node:worker_threads"
import type { Reply } from "../../runtime/WorkerPool.ts"
import { makeReader, type ReadDone, type ReadStart, type ReadTask } from "./mapReading.ts"

const read = makeReader(workerData as ReadStart)

const reply = (task: ReadTask): Reply<ReadDone> => {
  try {
    return { ok: true, done: read(task) }
  } catch (cause) {
    const { message, stack } = cause as Error
    return { ok: false, error: { message, stack } }
  }
}

parentPort!.on("message", (task: ReadTask) => parentPort!.postMessage(reply(task)))
