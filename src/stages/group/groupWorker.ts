/** A worker of a group's analysis: one task after another, each with one reply. Free of Effect, so that it starts quickly. */
import { parentPort, workerData } from "node:worker_threads"
import type { Reply } from "../../runtime/WorkerPool.ts"
import { contrastTile } from "./contrastTile.ts"
import type { GroupStart } from "./GroupStart.ts"
import type { GroupDone, GroupTask } from "./GroupWork.ts"
import { modelTile } from "./modelTile.ts"
import { permutedTile, strongTile } from "./permutedTile.ts"
import { predictTile } from "./predictTile.ts"
import { spatialTile } from "./spatialTile.ts"

const start = workerData as GroupStart

const perform = (task: GroupTask): GroupDone => {
  switch (task.kind) {
    case "contrast":
      return contrastTile(task, start)
    case "permuted":
      return permutedTile(task, start)
    case "strong":
      return strongTile(task, start)
    case "spatial":
      return spatialTile(task)
    case "predict":
      return predictTile(task, start)
    case "model":
      return modelTile(task, start)
  }
}

const reply = (task: GroupTask): Reply<GroupDone> => {
  try {
    return { ok: true, done: perform(task) }
  } catch (cause) {
    const { message, stack } = cause as Error
    return { ok: false, error: { message, stack } }
  }
}

parentPort!.on("message", (task: GroupTask) => parentPort!.postMessage(reply(task)))
