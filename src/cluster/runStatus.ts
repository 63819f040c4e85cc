/**
 * How far the parts of a run are, from the files of its output folder alone, and where a scheduler can be asked, from its queue. Whichever
 * machine looks, it says the same.
 */
import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { Clock, Effect, Schema } from "effect"
import { lockHolders } from "../files/lockPath.ts"
import { isThere } from "../files/unlessMissing.ts"
import { manifestName } from "../output/Manifest.ts"
import { readJobs } from "./jobsFile.ts"
import { readPartRecord } from "./PartRecord.ts"
import { readPartProgress } from "./partProgress.ts"
import { cutFile, mergeLog, partLock, partLog } from "./partsFolder.ts"
import type { QueuedTask, Scheduler } from "./Scheduler.ts"

export type PartState = "done" | "running" | "waiting" | "failed" | "not begun"

export interface PartStatus {
  readonly part: number
  readonly state: PartState
  readonly host: string | undefined
  readonly subjects: number
  readonly subjectsDone: number
  /** Subjects a second of this attempt; undefined: none was computed yet. */
  readonly rate: number | undefined
  /** Of a part that failed: the last lines of its log. Of one that waits: why. */
  readonly because: string | undefined
}

export interface RunStatus {
  readonly parts: ReadonlyArray<PartStatus>
  /** What a part computes some of: subjects, or permutations. */
  readonly counts: string
  /** Whether the maps are there. */
  readonly merged: boolean
  /** Where the merge is; undefined: it was not begun. */
  readonly merge: { readonly state: "running" | "waiting" | "failed"; readonly because: string | undefined } | undefined
  /** Seconds until the slowest part that computes is done; undefined: not known. */
  readonly secondsLeft: number | undefined
}

/** There are no parts in the folder. */
export class NoParts extends Schema.TaggedError<NoParts>()("NoParts", { folder: Schema.String }) {
  override get message(): string {
    return `${this.folder}: there are neither parts nor results of a run. Give the output folder of one.`
  }
}

/** What is read of a cut, whichever pipeline made it. */
const AnyCut = Schema.Struct({
  parts: Schema.Int,
  /** What is counted; left out: subjects. */
  counts: Schema.optionalKey(Schema.String),
  units: Schema.Array(Schema.Struct({ part: Schema.Int, subjects: Schema.Struct({ count: Schema.Int }) }))
})

/** @param scheduler undefined: none is asked */
export const statusOf = Effect.fn("statusOf")(function* (output: string, scheduler: Scheduler | undefined) {
  const cut = yield* Effect.tryPromise(() => readFile(cutFile(output), "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(AnyCut))),
    Effect.orElseSucceed(() => undefined)
  )
  const merged = yield* Effect.promise(() => isThere(stat(path.join(output, manifestName))))
  if (cut === undefined) {
    if (!merged) return yield* new NoParts({ folder: output })
    const finished: RunStatus = { parts: [], counts: "subjects", merged, merge: undefined, secondsLeft: undefined }
    return finished
  }
  const jobs = yield* readJobs(output)
  const ids = jobs?.jobs.map(({ id }) => id) ?? []
  const queued =
    scheduler === undefined
      ? []
      : yield* Effect.orElseSucceed(scheduler.queued(ids), (): ReadonlyArray<QueuedTask> => [])
  const now = yield* Clock.currentTimeMillis
  const numbers = Array.from({ length: cut.parts }, (_, n) => n + 1)
  const parts = yield* Effect.forEach(numbers, (part) => {
    const subjects = cut.units.reduce((sum, unit) => sum + (unit.part === part ? unit.subjects.count : 0), 0)
    return partStatus(output, { part, subjects, now, task: queued.find(({ task }) => task === part) })
  })
  const left = parts.flatMap(({ state, rate, subjects, subjectsDone }) =>
    state === "running" && rate !== undefined ? [(subjects - subjectsDone) / rate] : []
  )
  const status: RunStatus = {
    parts,
    counts: cut.counts ?? "subjects",
    merged,
    merge: yield* mergeStatus(output, queued, jobs?.jobs.filter(({ of }) => of === "merge").map(({ id }) => id) ?? []),
    secondsLeft: left.length === 0 ? undefined : Math.max(...left)
  }
  return status
})

interface PartLook {
  readonly part: number
  readonly subjects: number
  readonly now: number
  readonly task: QueuedTask | undefined
}

const partStatus = Effect.fnUntraced(function* (output: string, { part, subjects, now, task }: PartLook) {
  const [holder] = yield* lockHolders(partLock(output, part))
  const record = yield* readPartRecord(output, part)
  const progress = yield* readPartProgress(output, part)
  const common = { part, subjects, subjectsDone: 0, rate: undefined, because: undefined, host: undefined }
  if (holder !== undefined) {
    const computed = (progress?.subjects_done ?? 0) - (progress?.subjects_taken_over ?? 0)
    const seconds = progress === undefined ? 0 : (now - Date.parse(progress.started)) / 1000
    const running: PartStatus = {
      ...common,
      state: "running",
      host: holder.host,
      subjectsDone: progress?.subjects_done ?? 0,
      rate: computed > 0 && seconds > 0 ? computed / seconds : undefined
    }
    return running
  }
  if (record !== undefined) {
    const done: PartStatus = { ...common, state: "done", host: record.host, subjectsDone: record.subjects }
    return done
  }
  if (task !== undefined) {
    const waiting: PartStatus = { ...common, state: "waiting", because: task.reason, host: task.host }
    return waiting
  }
  const log = yield* lastLines(partLog(output, part))
  const ended: PartStatus = { ...common, state: log === undefined ? "not begun" : "failed", because: log }
  return ended
})

const mergeStatus = Effect.fnUntraced(function* (
  output: string,
  queued: ReadonlyArray<QueuedTask>,
  merges: ReadonlyArray<string>
) {
  const task = queued.find(({ job }) => merges.includes(job))
  if (task !== undefined) return { state: task.state, because: task.reason }
  const log = yield* lastLines(mergeLog(output))
  return log === undefined ? undefined : { state: "failed" as const, because: log }
})

/** Lines of a log that are told. */
const linesTold = 3

/** The last lines of a file; undefined where there is none, or nothing is in it. */
export const lastLines = (file: string): Effect.Effect<string | undefined> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.map((text) => text.trimEnd().split("\n").slice(-linesTold).join("\n") || undefined),
    Effect.orElseSucceed(() => undefined)
  )
