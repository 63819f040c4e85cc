/** `lnm status`: how far the parts of a run are. */
import path from "node:path"
import { Console, Effect } from "effect"
import { type PartStatus, type RunStatus, statusOf } from "../cluster/runStatus.ts"
import { slurm } from "../cluster/slurm.ts"
import { printable } from "../runtime/printable.ts"
import { formatSeconds } from "../runtime/progressText.ts"
import { checking } from "./CommandFailed.ts"

export interface StatusOptions {
  readonly folder: string
  readonly json: boolean
  /** Whether it is told again every few seconds, until the run has ended. */
  readonly watch: boolean
}

const watchedEach = "5 seconds"

export const status = Effect.fnUntraced(function* ({ folder, json, watch }: StatusOptions) {
  const output = path.resolve(folder)
  for (;;) {
    const found = yield* checking(statusOf(output, slurm))
    yield* Console.log(json ? JSON.stringify(asJson(found)) : textOf(found, output).join("\n"))
    if (!watch || !goesOn(found)) return
    yield* Effect.sleep(watchedEach)
  }
})

/** Whether anything of the run is at work or will be by itself. */
export const goesOn = ({ merged, parts, merge }: RunStatus): boolean =>
  !merged && (parts.some(isAtWork) || (merge !== undefined && merge.state !== "failed"))

const isAtWork = ({ state }: PartStatus): boolean => state === "running" || state === "waiting"

const asJson = ({ parts, counts, merged, merge, secondsLeft }: RunStatus) => ({
  merged,
  counts,
  merge: merge ?? null,
  seconds_left: secondsLeft ?? null,
  parts: parts.map(({ part, state, host, subjects, subjectsDone, rate, because }) => ({
    ...{ part, state, host: host ?? null, subjects, subjects_done: subjectsDone },
    ...{ subjects_per_second: rate ?? null, because: because ?? null }
  }))
})

const textOf = (
  { parts, counts: counted, merged, merge, secondsLeft }: RunStatus,
  output: string
): ReadonlyArray<string> => {
  if (merged && parts.length === 0) return [`the maps are there: ${printable(output)}`]
  const count = (state: PartStatus["state"]) => parts.filter((part) => part.state === state).length
  const counts = (["done", "running", "waiting", "failed", "not begun"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
  return [
    `${parts.length} parts: ${counts.join(", ")}${secondsLeft === undefined ? "" : `; about ${formatSeconds(secondsLeft)} left`}`,
    ...parts.filter(({ state }) => state !== "done").map((part) => lineOf(part, counted)),
    ...(merge === undefined ? [] : [`merge: ${merge.state}${becauseOf(merge.because)}`]),
    ...(merge === undefined && count("done") === parts.length
      ? ["all parts are done: lnm merge goes on from them"]
      : [])
  ]
}

const lineOf = ({ part, state, host, subjects, subjectsDone, rate, because }: PartStatus, counts: string): string => {
  const where = host === undefined ? "" : ` on ${printable(host)}`
  const howFar = state === "running" ? `, ${subjectsDone} of ${subjects} ${counts}` : ""
  const howFast = rate === undefined ? "" : `, ${rate.toPrecision(2)} a second`
  return `part ${part}: ${state}${where}${howFar}${howFast}${becauseOf(because)}`
}

const becauseOf = (because: string | undefined): string =>
  because === undefined
    ? ""
    : because.includes("\n")
      ? `\n${because
          .split("\n")
          .map((line) => `    ${printable(line)}`)
          .join("\n")}`
      : ` (${printable(because)})`
