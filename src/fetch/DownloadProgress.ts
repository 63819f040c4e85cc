/** How far downloads are, in words, as a phase of the run: bytes, files, speed, time left. */
import { Clock, Effect } from "effect"
import { formatBytes } from "../runtime/Plan.ts"
import { Progress } from "../runtime/Progress.ts"
import { formatSeconds } from "../runtime/progressText.ts"
import { bytesOf, type RemoteFile } from "./RemoteFile.ts"

/** A line is told after so long, and then after a twentieth of the time so far: a log of hours stays short. */
const leastMillis = 2000
const mostMillis = 60_000

/** What has come of each file. */
export interface DownloadCount {
  /** The speed is that of what comes from now on. */
  readonly begin: () => void
  readonly onBytes: (file: RemoteFile, bytes: number) => void
  readonly text: (seconds: number) => string
}

export const countDownloads = (files: ReadonlyArray<RemoteFile>): DownloadCount => {
  const came = new Map<string, number>()
  let began = new Map<string, number>()
  const total = bytesOf(files)
  const sum = (bytes: ReadonlyMap<string, number>) => [...bytes.values()].reduce((all, each) => all + each, 0)
  return {
    begin: () => {
      began = new Map(came)
    },
    onBytes: ({ name }, bytes) => {
      if (!began.has(name)) began.set(name, bytes)
      came.set(name, bytes)
    },
    text: (seconds) => {
      const done = files.filter(({ name, bytes }) => bytes !== undefined && came.get(name) === bytes).length
      const rate = seconds > 0 ? Math.max(0, sum(came) - sum(began)) / seconds : 0
      const left = total - sum(came)
      return [
        `downloading: ${formatBytes(sum(came))} of ${formatBytes(total)}`,
        `${done} of ${files.length} files`,
        ...(rate > 0 ? [`${(rate / 1e6).toPrecision(3)} MB/s`] : []),
        ...(rate > 0 && left > 0 ? [`${formatSeconds(left / rate)} left`] : [])
      ].join(", ")
    }
  }
}

/** Tells while something is downloaded how far it is. */
export const tellingDownloads = <A, E, R>(count: DownloadCount, downloading: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const startedAt = yield* Clock.currentTimeMillis
    count.begin()
    const tell = Effect.gen(function* () {
      for (;;) {
        const elapsed = (yield* Clock.currentTimeMillis) - startedAt
        yield* Effect.sleep(Math.min(mostMillis, Math.max(leastMillis, elapsed / 20)))
        const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
        yield* progress.phase({ name: count.text(seconds), counts: "nothing" })
      }
    })
    yield* progress.phase({ name: "downloading", counts: "nothing" })
    yield* Effect.forkScoped(tell)
    return yield* downloading
  }).pipe(Effect.scoped)
