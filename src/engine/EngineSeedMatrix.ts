/** The seed matrix in the engine's workers: pairs of the seeds of a chunk's subjects, from the series that lie in its memory. */
import { Effect } from "effect"
import type { SubjectTimeSeries } from "../elements/Chunk.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Engine } from "./Engine.ts"

/** Multiply-adds of a task: some 15 ms. */
const multiplyAddsPerTask = 15e6

/** The sums of all pairs, in the engine's memory. */
export const seedMatrixIn = ({ memory, layout }: Engine["Service"], seeds: number): BigInt64Array =>
  new BigInt64Array(memory.buffer, layout.pairs, seeds * seeds)

/**
 * Standardises the series of the subjects in place and adds all pairs, subject after subject.
 *
 * Each row of the sums is one task's, so that no two workers write to one. @returns seconds that workers were busy
 */
export const addSeedMatrices = Effect.fnUntraced(function* (
  engine: Engine["Service"],
  seeds: number,
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const { timePoints } = subjects[0]!.subject
  const series = subjects.map((_, position) => engine.layout.series + position * seeds * timePoints * bytesPerFloat64)
  const standardised = yield* Effect.forEach(
    series,
    (address) => engine.run({ kind: "standardise", series: address, seeds, timePoints }),
    { concurrency: "unbounded" }
  )
  const added = yield* Effect.forEach(
    rowsOfTasks(seeds, subjects.length * timePoints),
    ([firstRow, lastRow]) =>
      engine.run({ kind: "pairs", series, seeds, timePoints, firstRow, lastRow, sums: engine.layout.pairs }),
    { concurrency: "unbounded" }
  )
  return [...standardised, ...added].reduce((sum, { seconds }) => sum + seconds, 0)
})

/** Rows of about as many pairs; the first rows are the longest. */
const rowsOfTasks = (seeds: number, multiplyAddsPerPair: number): ReadonlyArray<readonly [number, number]> => {
  const tasks: Array<readonly [number, number]> = []
  let firstRow = 0
  let pairs = 0
  for (let row = 0; row < seeds; row++) {
    pairs += seeds - row
    if (pairs * multiplyAddsPerPair < multiplyAddsPerTask && row < seeds - 1) continue
    tasks.push([firstRow, row + 1])
    firstRow = row + 1
    pairs = 0
  }
  return tasks
}
