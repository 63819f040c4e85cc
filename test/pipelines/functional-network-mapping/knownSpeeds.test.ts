/** What is kept of earlier runs, in a folder of the test's own. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  type Circumstances,
  keepSpeed,
  nearestSpeed,
  readSpeeds
} from "../../../pipelines/functional-network-mapping/knownSpeeds.ts"
import type { MeasuredSpeed } from "../../../pipelines/functional-network-mapping/timeEstimate.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const scratch = scratchFolder()

const of: Circumstances = {
  version: "1",
  processor: "one",
  processors: 2,
  arithmetic: "fast",
  vectors: 256,
  method: "boes",
  storage: "float32",
  disk: 7
}

const speedOf = (lesions: number): MeasuredSpeed => ({
  size: {
    timePoints: 100,
    voxels: 1000,
    lesions,
    bytesPerSubject: 4e5,
    refiningBytesPerSubject: 0,
    imageBytesPerLesion: 1e4,
    workers: 2
  },
  secondsPerSubject: 0.1,
  readingShare: 0.25,
  refiningSecondsPerSubject: 0,
  secondsPerLesion: 0.5,
  otherSeconds: 2
})

const folderAt = (name: string): string => {
  const folder = join(scratch, name)
  mkdirSync(folder)
  return folder
}

describe("known speeds", () => {
  it.effect("are those of runs that took a while, the newest first, and not without end", () =>
    Effect.gen(function* () {
      const folder = folderAt("kept")
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      yield* keepSpeed(of, speedOf(12), 0.9, folder)
      assert.deepStrictEqual(yield* readSpeeds(folder), [])
      for (let lesions = 1; lesions <= 60; lesions++) yield* keepSpeed(of, speedOf(lesions), 1, folder)
      const known = yield* readSpeeds(folder)
      assert.strictEqual(known.length, 50)
      assert.deepStrictEqual(known[0], { at: "2026-01-02T00:00:00.000Z", of, speed: speedOf(60) })
      assert.strictEqual(known.at(-1)!.speed.size.lesions, 11)
    })
  )

  it.effect("are none where there is no file, or nothing in it can be understood; then they begin anew", () =>
    Effect.gen(function* () {
      const folder = folderAt("damaged")
      assert.deepStrictEqual(yield* readSpeeds(folder), [])
      for (const text of [
        "",
        "{",
        "[1]",
        JSON.stringify([{ at: "x", of, speed: { ...speedOf(1), otherSeconds: -1 } }])
      ]) {
        writeFileSync(join(folder, "speeds.json"), text)
        assert.deepStrictEqual(yield* readSpeeds(folder), [])
      }
      yield* keepSpeed(of, speedOf(3), 5, folder)
      assert.strictEqual((yield* readSpeeds(folder)).length, 1)
      assert.include(readFileSync(join(folder, "speeds.json"), "utf8"), '"lesions": 3')
    })
  )

  it("are taken from the nearest size in the same circumstances, the newest of several", () => {
    const known = [96, 12, 12].map((lesions, n) => ({ at: String(n), of, speed: speedOf(lesions) }))
    assert.strictEqual(nearestSpeed(known, of, speedOf(10).size)?.at, "1")
    assert.strictEqual(nearestSpeed(known, of, speedOf(80).size)?.at, "0")
    for (const other of [
      { processor: "two" },
      { arithmetic: "strict" },
      { vectors: 128 },
      { method: "pini" },
      { storage: "float32, gzip" },
      { disk: 8 },
      { version: "2" },
      { processors: 4 }
    ]) {
      assert.isUndefined(nearestSpeed(known, { ...of, ...other }, speedOf(10).size), JSON.stringify(other))
    }
  })
})
