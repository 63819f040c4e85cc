/**
 * A worker of the report: looks at the maps of one lesion after another, and answers each task with one reply. Free of Effect, so that it
 * starts quickly and stays small. A map that cannot be read is a reply too: the others are shown.
 */
import { parentPort, workerData } from "node:worker_threads"
import { voxelsOf } from "../imaging/Grid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { mapSimilarity } from "../kernels/mapSimilarity.ts"
import type { Reply } from "../runtime/WorkerPool.ts"
import { type LookMemory, lookAtLesion, makeLookMemory, toFisherZ } from "./lookAtLesion.ts"
import type { LesionTask, ReportDone, ReportStart, ReportTask, SimilarityTask } from "./ReportTask.ts"
import { readMapValues, UnreadableFile } from "./readMapValues.ts"

const { worker } = workerData as ReportStart

let memory: LookMemory | undefined

/** The memory of the last lesion, where its grid was as large. */
const memoryFor = ({ site }: LesionTask): LookMemory => {
  if (memory?.lesion.length !== voxelsOf(site.grid)) {
    memory = undefined
    memory = makeLookMemory(site.grid)
  }
  return memory
}

const compare = ({ map, statistic, site: { gridIndex }, mean }: SimilarityTask): number | null => {
  const { values } = readMapValues(map)
  const similarity = mapSimilarity(statistic === "r" ? toFisherZ(values, gridIndex) : values, gridIndex, mean)
  releaseMemory(values)
  return similarity ?? null
}

const perform = (task: ReportTask): ReportDone => {
  const startedAt = performance.now()
  const seconds = () => (performance.now() - startedAt) / 1000
  try {
    return task.kind === "maps of a lesion"
      ? { ...lookAtLesion(task, memoryFor(task), worker), seconds: seconds() }
      : { kind: "compared", similarity: compare(task), seconds: seconds() }
  } catch (cause) {
    if (cause instanceof UnreadableFile) return { kind: "unreadable", file: cause.file, problem: cause.message }
    throw cause
  }
}

const work = (task: ReportTask): Reply<ReportDone> => {
  try {
    return { ok: true, done: perform(task) }
  } catch (cause) {
    const { message, stack } = cause instanceof Error ? cause : new Error(String(cause))
    return { ok: false, error: { message, stack } }
  }
}

/** The memory of pictures, which changes hands. */
const picturesOf = (done: ReportDone): ReadonlyArray<ArrayBuffer> =>
  done.kind === "looked"
    ? [...done.findings.ownSlices, ...done.findings.commonSlices, done.findings.thumbnail].map(
        ({ png }) => png.buffer as ArrayBuffer
      )
    : []

parentPort!.on("message", (task: ReportTask) => {
  const reply = work(task)
  parentPort!.postMessage(reply, reply.ok ? [...picturesOf(reply.done)] : [])
})
