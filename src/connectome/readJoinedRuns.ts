/** Reads the runs of a subject one after another, and joins them (`joinRuns`) unless r is averaged over them: the one way, for every source with a file a run. */
import { Effect } from "effect"
import { constantRun, isConstantSeries } from "../kernels/isConstantSeries.ts"
import { joinBytesPerVoxel, joinRuns, makeJoinMemory } from "../kernels/joinRuns.ts"
import { ConnectomeUnreadable, type Subject } from "./Connectome.ts"

/** Voxels whose runs are joined at a time: their memory stays in a core's cache, and the call is short. */
const joinedVoxels = 4096

/** Bytes that joining holds beside the time series. */
export const joiningBytes = joinBytesPerVoxel * joinedVoxels

/** What a reader says of a run that it cannot read. */
interface RunProblem {
  readonly problem: string
  readonly remedy: string
}

/**
 * Reads a subject.
 *
 * Shapes: `into` is (time points of all runs, voxels), filled whole.
 *
 * @param readRun reads the run of this number into (its time points, voxels)
 */
export const readJoinedRuns = Effect.fnUntraced(function* (
  { id, file, timePoints, averagesRuns, runs = [{ file, timePoints }] }: Subject,
  voxels: number,
  into: Float32Array,
  readRun: (run: number, into: Float32Array) => Effect.Effect<void, RunProblem>
): Effect.fn.Return<void, ConnectomeUnreadable> {
  if (into.length !== timePoints * voxels) {
    const expected = `${timePoints} × ${voxels}`
    return yield* Effect.die(new RangeError(`subject ${id} needs ${expected} numbers, not ${into.length}`))
  }
  let start = 0
  for (const [n, run] of runs.entries()) {
    const end = start + run.timePoints * voxels
    yield* readRun(n, into.subarray(start, end)).pipe(
      Effect.mapError((cause) => {
        const { problem, remedy } = cause
        return new ConnectomeUnreadable({
          file: run.file,
          subject: id,
          problem,
          remedy: `${remedy.replace(/\.$/, "")}.`,
          cause
        })
      })
    )
    if (runs.length > 1 && isConstantSeries(into.subarray(start, end), voxels)) {
      const remedy = "Mend the file, or leave it out."
      return yield* new ConnectomeUnreadable({ file: run.file, subject: id, problem: constantRun, remedy })
    }
    start = end
  }
  // A single run stays as it is, to the bit; runs that r is averaged over are scaled once seeds have been made of them.
  if (runs.length === 1 || averagesRuns === true) return
  const memory = makeJoinMemory(joinedVoxels)
  const series = { values: into, voxels, runs: runs.map((run) => run.timePoints) }
  for (let first = 0; first < voxels; first += joinedVoxels) {
    joinRuns(series, first, Math.min(joinedVoxels, voxels - first), memory)
    yield* Effect.yieldNow
  }
})
