/**
 * What runs cost: whole processes that alternate between the competitors, several times. And what one more subject costs: the
 * difference of runs with fewer and with more subjects, from which falls out what a process does once (starting, lesions,
 * statistics, writing).
 */
import { type Bench, type Competitor, type Job, runJob } from "./competitors.ts"
import { coreSeconds, type Measured } from "./measure.ts"
import { median } from "./median.ts"

export interface Run {
  readonly competitor: Competitor
  readonly job: Job
  /** Called after each run, while its output is there. */
  readonly inspect?: () => Promise<void>
}

/**
 * Gives what each run took, of every repetition. Runs all once unmeasured before (files and code in the caches), unless there is but
 * one repetition.
 */
export const compareRuns = async (
  bench: Bench,
  runs: ReadonlyArray<Run>,
  repetitions: number
): Promise<ReadonlyArray<ReadonlyArray<Measured>>> => {
  const measured = runs.map((): Array<Measured> => [])
  if (repetitions > 1) {
    bench.log("once unmeasured:")
    for (const { competitor, job } of runs) await runJob(bench, competitor, job)
  }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    bench.log(`repetition ${repetition + 1} of ${repetitions}:`)
    // Backwards every second time: a machine that grows faster or slower meanwhile favours nobody.
    const inTurn = repetition % 2 === 0 ? [...runs.entries()] : [...runs.entries()].reverse()
    for (const [i, { competitor, job, inspect }] of inTurn) {
      measured[i]!.push(await runJob(bench, competitor, job))
      await inspect?.()
    }
  }
  return measured
}

export interface Contender {
  readonly competitor: Competitor
  /** With fewer and with more subjects. */
  readonly jobs: readonly [Job, Job]
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

/** The median over repetitions of how much more the other costs; both were measured next to each other. */
export const ratio = (ours: Costs, other: Costs): number =>
  median(ours.wallSeconds.map((seconds, repetition) => other.wallSeconds[repetition]! / seconds))

export const compareCosts = async (
  bench: Bench,
  contenders: ReadonlyArray<Contender>,
  repetitions: number
): Promise<ReadonlyArray<Costs>> => {
  const runsOf = (size: 0 | 1) => contenders.map(({ jobs, ...run }): Run => ({ ...run, job: jobs[size] }))
  const measured = await compareRuns(bench, [...runsOf(0), ...runsOf(1)], repetitions)
  const costs = contenders.map(({ competitor, jobs }, i) => {
    const runs = measured[i]!.map((run, n) => [run, measured[contenders.length + i]![n]!] as const)
    return {
      name: competitor.name,
      jobs,
      runs,
      wallSeconds: runs.map(costOf(jobs, ({ wallSeconds }) => wallSeconds)),
      cpuSeconds: runs.map(costOf(jobs, coreSeconds))
    }
  })
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
