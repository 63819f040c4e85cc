/**
 * What one more subject costs: whole processes with fewer and with more subjects, alternating between the competitors,
 * several times. What a process does once (starting, lesions, statistics, writing) falls out of the difference.
 */
import { type Bench, type Competitor, type Job, runJob } from "./competitors.ts"
import type { Measured } from "./measure.ts"

export interface Contender {
  readonly competitor: Competitor
  /** With fewer and with more subjects. */
  readonly jobs: readonly [Job, Job]
  /** Called after each run, while its output is there. */
  readonly inspect?: () => Promise<void>
}

export interface Costs {
  readonly name: string
  readonly jobs: readonly [Job, Job]
  /** Of each repetition: with fewer, and with more subjects. */
  readonly runs: ReadonlyArray<readonly [Measured, Measured]>
  /** Of each repetition: seconds a subject, on the clock and of all cores together. */
  readonly wallSeconds: ReadonlyArray<number>
  readonly cpuSeconds: ReadonlyArray<number>
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median over repetitions of how much more the other costs; both were measured next to each other. */
export const ratio = (ours: Costs, other: Costs): number =>
  median(ours.wallSeconds.map((seconds, repetition) => other.wallSeconds[repetition]! / seconds))

/** Runs everything once unmeasured before (files and code in the caches), unless there is but one repetition. */
export const compareCosts = async (
  bench: Bench,
  contenders: ReadonlyArray<Contender>,
  repetitions: number
): Promise<ReadonlyArray<Costs>> => {
  const runs = contenders.map((): Array<[Measured, Measured]> => [])
  if (repetitions > 1) {
    bench.log("once unmeasured:")
    for (const { competitor, jobs } of contenders) await runJob(bench, competitor, jobs[1])
  }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    bench.log(`repetition ${repetition + 1} of ${repetitions}:`)
    const measured = contenders.map((): Array<Measured> => [])
    // Backwards every second time: a machine that grows faster or slower meanwhile favours nobody.
    const inTurn = repetition % 2 === 0 ? [...contenders.entries()] : [...contenders.entries()].reverse()
    for (const size of [0, 1] as const) {
      for (const [i, { competitor, jobs, inspect }] of inTurn) {
        measured[i]!.push(await runJob(bench, competitor, jobs[size]))
        await inspect?.()
      }
    }
    measured.forEach(([fewer, more], i) => {
      runs[i]!.push([fewer!, more!])
    })
  }
  const costs = contenders.map(({ competitor, jobs }, i) => ({
    name: competitor.name,
    jobs,
    runs: runs[i]!,
    wallSeconds: runs[i]!.map(costOf(jobs, ({ wallSeconds }) => wallSeconds)),
    cpuSeconds: runs[i]!.map(costOf(jobs, ({ userSeconds, systemSeconds }) => userSeconds + systemSeconds))
  }))
  for (const { name, wallSeconds } of costs) {
    if (Math.min(...wallSeconds) <= 0)
      bench.log(`warning: ${name}: a subject that costs nothing: times vary too much here`)
  }
  return costs
}

const costOf =
  ([fewer, more]: Contender["jobs"], seconds: (run: Measured) => number) =>
  (runs: readonly [Measured, Measured]): number =>
    (seconds(runs[1]) - seconds(runs[0])) / (more.subjects - fewer.subjects)

/** Peak memory with fewer and with more subjects, the largest of all repetitions. */
export const peaks = ({ runs }: Costs): readonly [number, number] => [
  Math.max(...runs.map(([fewer]) => fewer.peakBytes)),
  Math.max(...runs.map(([, more]) => more.peakBytes))
]

export const medianWall = ({ runs }: Costs, size: 0 | 1): number => median(runs.map((pair) => pair[size].wallSeconds))
