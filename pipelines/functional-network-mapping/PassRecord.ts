/** What checkpoints did for the passes of a run, for the manifest. */

export interface PassRecord {
  /** Subjects whose sums an interrupted run had computed. */
  readonly takenOver: number
  /** Checkpoints that were written, and the seconds in which nothing else went on. */
  readonly checkpoints: number
  readonly checkpointSeconds: number
}

export const joinRecords = (records: ReadonlyArray<PassRecord>): PassRecord =>
  records.reduce(
    (sum, one) => ({
      takenOver: sum.takenOver + one.takenOver,
      checkpoints: sum.checkpoints + one.checkpoints,
      checkpointSeconds: sum.checkpointSeconds + one.checkpointSeconds
    }),
    { takenOver: 0, checkpoints: 0, checkpointSeconds: 0 }
  )
