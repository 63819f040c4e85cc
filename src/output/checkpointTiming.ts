/**
 * When the next checkpoint is due. Checkpoints may take 2 % of a run's time, and none is longer than ten minutes after the one before:
 * where both cannot hold, the ten minutes win.
 */

/** Largest share of the time that checkpoints take. */
export const largestShare = 0.02

/** Longest time between checkpoints, and the shortest that is chosen: less is not worth a file. */
export const longestSeconds = 600
export const shortestSeconds = 5

/** Bytes a second that the first checkpoint is taken to be written with, until one has been measured: a slow network disk, hashed. */
export const assumedBytesPerSecond = 200e6

/** Seconds between checkpoints: as the user sets them, or undefined: chosen by what they cost. */
export type CheckpointInterval = number | undefined

export interface CheckpointTiming {
  /** Whether one is due, at a time in seconds. */
  readonly isDue: (now: number) => boolean
  /** Tells that one of so many bytes was written in these seconds, at a time. */
  readonly written: (seconds: number, now: number) => void
}

/** @param start the time at which the work begins, in seconds */
export const makeCheckpointTiming = (bytes: number, interval: CheckpointInterval, start: number): CheckpointTiming => {
  let seen = start
  let [total, since] = [0, 0]
  let spent = 0
  let expected = secondsToWrite(bytes)
  /** Time goes on; where the clock was set back, it stands for once. */
  const goOn = (now: number): void => {
    const passed = Math.max(0, now - seen)
    seen = now
    total += passed
    since += passed
  }
  return {
    isDue: (now) => {
      goOn(now)
      if (interval !== undefined) return since >= interval
      const affordable = total * largestShare >= spent + expected
      return since >= longestSeconds || (since >= shortestSeconds && affordable)
    },
    written: (seconds, now) => {
      goOn(now)
      since = 0
      spent += seconds
      expected = seconds
    }
  }
}

/** Seconds that a checkpoint of so many bytes is taken to need. */
export const secondsToWrite = (bytes: number): number => bytes / assumedBytesPerSecond

/** Seconds between checkpoints of so many bytes, as the plan foretells them. */
export const plannedInterval = (bytes: number, interval: CheckpointInterval): number =>
  interval ?? Math.min(longestSeconds, Math.max(shortestSeconds, secondsToWrite(bytes) / largestShare))
