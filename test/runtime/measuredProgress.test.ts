import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { measuring } from "../../src/runtime/measuredProgress.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { Phase } from "../../src/runtime/progressState.ts"

const connectivity: Phase = { name: "connectivity", counts: "subjects" }
const writing: Phase = { name: "writing maps", counts: "lesions" }

describe("a measured progress", () => {
  it.effect("adds up what each kind of phase took, over all passes", () =>
    Effect.gen(function* () {
      const { progress, measured } = measuring(yield* Progress)
      yield* progress.begin({ subjects: 4, lesions: 2 }, connectivity)
      for (const seconds of [3, 1]) {
        yield* TestClock.adjust(1000 * seconds)
        yield* progress.worked({ readBytes: 10, readSeconds: seconds, computeSeconds: 2 })
        yield* progress.subjectDone
      }
      yield* progress.phase(writing)
      yield* TestClock.adjust(500)
      yield* progress.lesionDone
      yield* progress.phase({ ...connectivity, pass: { number: 2, of: 2 } })
      yield* TestClock.adjust(2000)
      yield* progress.subjectDone
      yield* progress.phase(writing)
      yield* TestClock.adjust(250)
      yield* progress.lesionDone
      const phases = yield* measured
      assert.deepStrictEqual(phases.get("connectivity"), {
        seconds: 6,
        subjects: 3,
        lesions: 0,
        firstSubjectSeconds: 3,
        work: { readBytes: 20, readSeconds: 4, operations: 0, computeSeconds: 4 }
      })
      assert.deepInclude(phases.get("writing maps"), { seconds: 0.75, subjects: 0, lesions: 2 })
    }).pipe(Effect.provide(Progress.layerOff))
  )

  it.effect("hands all on", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const { progress } = measuring(yield* Progress)
      yield* progress.begin({ subjects: 2, lesions: 1, peakBytes: 5 }, connectivity)
      yield* progress.subjectsTakenOver(1)
      yield* progress.worked({ readBytes: 3e6 })
      yield* TestClock.adjust(1000)
      yield* progress.subjectDone
      yield* progress.phase(writing)
      yield* TestClock.adjust(1000)
      yield* progress.lesionDone
      yield* progress.end
      const states = lines.map((line) => JSON.parse(line))
      assert.deepStrictEqual(
        states.map(({ phase, subjects_done, lesions_done }) => [phase, subjects_done, lesions_done]),
        [
          ["connectivity", 0, 0],
          ["connectivity", 2, 0],
          ["writing maps", 2, 0],
          ["writing maps", 2, 1],
          ["done", 2, 1]
        ]
      )
      assert.deepInclude(states[1], { read_megabytes_per_second: 3, planned_memory_bytes: 5 })
    }).pipe(Effect.provide(Progress.layerJson((text) => void lines.push(text))))
  })
})
