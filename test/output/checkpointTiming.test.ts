import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  assumedBytesPerSecond,
  largestShare,
  longestSeconds,
  makeCheckpointTiming,
  plannedInterval,
  shortestSeconds
} from "../../src/output/checkpointTiming.ts"

/** Looks every second whether a checkpoint is due; each takes so many seconds. Gives when they were written. */
const writtenOver = (
  seconds: number,
  cost: number,
  interval?: number,
  bytes = cost * assumedBytesPerSecond
): ReadonlyArray<number> => {
  const timing = makeCheckpointTiming(bytes, interval, 0)
  const written: Array<number> = []
  for (let now = 0; now < seconds; now++) {
    if (!timing.isDue(now)) continue
    now += cost
    timing.written(cost, now)
    written.push(now)
  }
  return written
}

describe("checkpoints are due", () => {
  it("so that they take at most 2 % of the time, whatever they cost and were expected to", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 11, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (cost, misjudged) => {
          const seconds = 20_000
          const written = writtenOver(seconds, cost, undefined, cost * misjudged * assumedBytesPerSecond)
          assert.isAtLeast(written.length, 10)
          // One that was taken to be cheaper than it is may go beyond, once.
          assert.isAtMost((written.length - 1) * cost, largestShare * seconds)
        }
      ),
      { seed: 5, numRuns: 100 }
    )
  })

  it("every ten minutes at least, where that costs more", () => {
    const written = writtenOver(7_000, 60)
    const gaps = written.map((at, n) => at - (written[n - 1] ?? 0))
    for (const gap of gaps) assert.isAtMost(gap, longestSeconds + 60 + 1)
    assert.isAtLeast(written.length, 10)
  })

  it("not more often than every few seconds, where they cost next to nothing", () => {
    assert.isAtMost(writtenOver(100, 0).length, 100 / shortestSeconds)
  })

  it("as often as the user says", () => {
    assert.deepStrictEqual(writtenOver(10, 0, 3), [3, 6, 9])
  })

  it("as before where the clock is set back by a day, or forward", () => {
    for (const jump of [-86_400, 86_400]) {
      const timing = makeCheckpointTiming(1, 3, 0)
      assert.isFalse(timing.isDue(2))
      timing.isDue(2 + jump)
      assert.isTrue(timing.isDue(4 + jump))
      timing.written(0, 4 + jump)
      assert.isFalse(timing.isDue(6 + jump))
      assert.isTrue(timing.isDue(7 + jump))
    }
  })

  it("about as often as the plan foretells", () => {
    assert.strictEqual(plannedInterval(assumedBytesPerSecond, undefined), 50)
    assert.strictEqual(plannedInterval(100 * assumedBytesPerSecond, undefined), longestSeconds)
    assert.strictEqual(plannedInterval(1, undefined), shortestSeconds)
    assert.strictEqual(plannedInterval(1e12, 7), 7)
  })
})
