import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Progress } from "../../src/runtime/Progress.ts"
import { mostPoints, RunTrace } from "../../src/runtime/RunTrace.ts"

const layerOf = (residentBytes: () => number, written: Array<string> = []) =>
  RunTrace.layer(residentBytes).pipe(Layer.provide(Progress.layerPlain((text) => void written.push(text))))

const trace = Effect.flatMap(RunTrace, ({ points }) => points)

describe("the trace of a run", () => {
  it.effect("has a point for each phase, with the subjects done and the memory then", () => {
    let bytes = 100
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.begin({ subjects: 10, lesions: 1 }, { name: "connectivity", counts: "subjects" })
      yield* progress.subjectsTakenOver(3)
      yield* TestClock.adjust(20)
      yield* progress.subjectDone
      bytes = 300
      yield* progress.phase({ name: "writing maps", counts: "lesions" })
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(yield* trace, [
        { seconds: 0, phase: "connectivity", subjects: 0, resident_bytes: 100 },
        { seconds: 0.02, phase: "writing maps", subjects: 4, resident_bytes: 300 },
        { seconds: 0.03, phase: "writing maps", subjects: 4, resident_bytes: 300 }
      ])
    }).pipe(Effect.provide(layerOf(() => bytes)))
  })

  it.effect("looks at the memory while nothing is told, and stays bounded however long the run", () => {
    let bytes = 0
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.phase({ name: "connectivity", counts: "subjects" })
      let most = 0
      for (let minute = 0; minute < 120; minute++) {
        yield* TestClock.adjust("1 minute")
        yield* progress.subjectDone
        most = Math.max(most, (yield* trace).length)
      }
      const points = yield* trace
      assert.isAtMost(most, mostPoints)
      assert.isAbove(points.length, mostPoints / 3)
      assert.strictEqual(points[0]!.seconds, 0)
      const last = points.at(-1)!
      assert.deepStrictEqual([last.seconds, last.subjects], [7200, 120])
      const gaps = points.slice(1).map(({ seconds }, n) => seconds - points[n]!.seconds)
      assert.isTrue(gaps.every((gap) => gap >= 0 && gap < 180))
      const memory = points.map((point) => point.resident_bytes)
      assert.deepStrictEqual(
        memory.toSorted((a, b) => a - b),
        memory
      )
    }).pipe(Effect.provide(layerOf(() => bytes++)))
  })

  it.effect("tells the progress all that it is told", () => {
    const written: Array<string> = []
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.begin({ subjects: 2, lesions: 1 }, { name: "connectivity", counts: "subjects" })
      yield* progress.subjectsTakenOver(1)
      yield* progress.subjectDone
      yield* progress.phase({ name: "writing maps", counts: "lesions" })
      yield* progress.lesionDone
      yield* progress.end
      assert.deepStrictEqual(written, [
        "connectivity: 0/2 subjects\n",
        "writing maps: 0/1 lesions\n",
        "done in 0 s: 2/2 subjects, 1/1 lesions\n"
      ])
    }).pipe(Effect.provide(layerOf(() => 0, written)))
  })
})
