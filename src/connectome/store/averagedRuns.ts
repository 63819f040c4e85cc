/**
 * A store whose subjects are runs that were kept apart, as a connectome of people over whose runs r is averaged. Runs are read one after
 * another as they are; they are the same bytes as before, so that what is recorded of the store is recorded of its runs.
 */
import { Effect } from "effect"
import { type Connectome, severalRuns } from "../Connectome.ts"

/**
 * Puts the runs of each person together, people in the order of their first run.
 *
 * @param people shape: as the connectome's subjects; whose run each is
 */
export const averageRuns = <Store extends Connectome>(store: Store, people: ReadonlyArray<string>): Store => {
  const members = [...Map.groupBy(store.subjects, ({ index }) => people[index]!)]
  const subjects = members.map(([id, runs], index) => ({
    index,
    id,
    file: runs[0]!.file,
    timePoints: runs.reduce((sum, { timePoints }) => sum + timePoints, 0),
    ...severalRuns(runs, "average")
  }))
  const read = Effect.fnUntraced(function* (first: number, into: ReadonlyArray<Float32Array>) {
    for (const [position, series] of into.entries()) {
      let start = 0
      for (const { index, timePoints } of members[first + position]![1]) {
        const end = start + timePoints * store.voxels
        yield* store.read(index, [series.subarray(start, end)])
        start = end
      }
    }
  })
  const bytesOf = (positions: ReadonlyArray<number>) =>
    (store.bytesToRead * positions.reduce((sum, position) => sum + members[position]![1].length, 0)) / people.length
  return { ...store, subjects, read, bytesOf }
}
