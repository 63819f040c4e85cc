import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { type LiveView, Progress, type ProgressSink } from "../../src/runtime/Progress.ts"
import type { Phase } from "../../src/runtime/progressState.ts"

const connectivity: Phase = { name: "connectivity", counts: "subjects" }
const writing: Phase = { name: "writing maps", counts: "lesions" }

/** What happens in a run: 10 subjects, one a second, and then 2 lesions. */
const tenSubjects = (subjectSeconds = 1) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    yield* progress.phase({ name: "reading inputs", counts: "nothing" })
    yield* progress.begin({ subjects: 10, lesions: 2 }, connectivity)
    yield* progress.phase(connectivity)
    for (let subject = 0; subject < 10; subject++) {
      yield* TestClock.adjust(1000 * subjectSeconds)
      yield* progress.subjectDone
    }
    yield* progress.phase(writing)
    yield* progress.lesionDone
    yield* TestClock.adjust(1000)
    yield* progress.lesionDone
    yield* progress.end
  })

/** What a layer writes meanwhile. */
const shownBy = (layer: (write: ProgressSink) => Layer.Layer<Progress>, subjectSeconds = 1) => {
  const written: Array<string> = []
  return tenSubjects(subjectSeconds).pipe(
    Effect.provide(layer((text) => void written.push(text))),
    Effect.map(() => written)
  )
}

/** A view that writes down what is done with it. */
const recordedView = (columns = 100) => {
  const calls: Array<string> = []
  const view: LiveView = {
    size: () => ({ columns, rows: 24 }),
    draw: (rows) => void calls.push(rows.join("\n")),
    keep: () => void calls.push("kept"),
    clear: () => void calls.push("cleared")
  }
  return { calls, layer: Progress.layerLive(view) }
}

describe("Progress, plain", () => {
  it.effect("writes a line for each phase, every five seconds and at the end, and none before the run has begun", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shownBy(Progress.layerPlain), [
        "connectivity: 0/10 subjects\n",
        "connectivity: 5/10 subjects, 1.00 subjects/s, 5 s left\n",
        "connectivity: 10/10 subjects, 1.00 subjects/s\n",
        "writing maps: 0/2 lesions\n",
        "done in 11 s: 10/10 subjects, 2/2 lesions\n"
      ])
    })
  )

  it.effect("counts anew with each begin, also without a phase", () => {
    const written: Array<string> = []
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.begin({ subjects: 3, lesions: 1 })
      yield* progress.subjectDone
      yield* TestClock.adjust(60_000)
      yield* progress.begin({ subjects: 4, lesions: 1 })
      yield* TestClock.adjust(8000)
      yield* progress.subjectDone
      assert.deepStrictEqual(written.slice(1), ["0/4 subjects\n", "1/4 subjects, 0.125 subjects/s, 24 s left\n"])
      yield* progress.end
      yield* progress.begin({ subjects: 2, lesions: 0 })
      assert.strictEqual(written.at(-1), "0/2 subjects\n")
    }).pipe(Effect.provide(Progress.layerPlain((text) => void written.push(text))))
  })
})

describe("Progress, rows of a terminal", () => {
  it.effect("are drawn from the preparation on, for each subject, and are kept at the end", () =>
    Effect.gen(function* () {
      const { calls, layer } = recordedView()
      yield* Effect.provide(tenSubjects(), layer)
      assert.deepStrictEqual(
        [calls[0], calls.at(-2), calls.at(-1)],
        ["reading inputs", "done in 11 s: 10/10 subjects, 2/2 lesions", "kept"]
      )
      const bars = calls.filter((text) => text.startsWith("["))
      assert.deepStrictEqual(
        bars.map((text) => text.split("#").length - 1),
        [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 0, 24]
      )
      assert.strictEqual(
        bars[5],
        "[############............] connectivity: 5/10 subjects, 5 s left\n2 lesions, 1.00 subjects/s"
      )
    })
  )

  it.effect("are drawn at most five times a second in a phase", () =>
    Effect.gen(function* () {
      const { calls, layer } = recordedView()
      yield* Effect.provide(tenSubjects(0.02), layer)
      // At the start, and after 200 ms.
      assert.strictEqual(calls.filter((text) => text.includes("connectivity")).length, 2)
    })
  )

  it.effect("leave the last column free", () =>
    Effect.gen(function* () {
      const { calls, layer } = recordedView(14)
      yield* Effect.provide(tenSubjects(), layer)
      assert.include(calls, "0/10 subjects\n2 lesions")
      assert.isTrue(calls.every((text) => text.split("\n").every((row) => row.length <= 13)))
    })
  )

  it.effect("are left once where a run is cut short, and taken away where none had begun", () =>
    Effect.gen(function* () {
      for (const cut of [Effect.die("a fault"), Effect.interrupt]) {
        const running = recordedView()
        const begin = Effect.flatMap(Progress, (progress) => progress.begin({ subjects: 3, lesions: 1 }))
        yield* Effect.exit(Effect.provide(Effect.andThen(begin, cut), running.layer))
        assert.deepStrictEqual(running.calls, ["[........................] 0/3 subjects\n1 lesions", "kept"])
        const preparing = recordedView()
        const prepare = Effect.flatMap(Progress, (progress) =>
          progress.phase({ name: "reading inputs", counts: "nothing" })
        )
        yield* Effect.exit(Effect.provide(Effect.andThen(prepare, cut), preparing.layer))
        assert.deepStrictEqual(preparing.calls, ["reading inputs", "cleared"])
      }
    })
  )
})

describe("Progress, rates", () => {
  it.effect("says how fast is read and computed, and which of the two took longer", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.begin({ subjects: 4, lesions: 1 })
      yield* progress.worked({ readBytes: 30e6, readSeconds: 2 })
      yield* TestClock.adjust(10_000)
      yield* progress.worked({ operations: 5e9, computeSeconds: 1 })
      yield* progress.subjectDone
      yield* TestClock.adjust(10_000)
      yield* progress.worked({ operations: 55e9, computeSeconds: 4, readBytes: 10e6 })
      yield* progress.subjectDone
      const states = lines.map((line) => JSON.parse(line))
      assert.deepInclude(states[0], { read_megabytes_per_second: 0, gigaflops: 0, limit: null })
      assert.deepInclude(states[1], { read_megabytes_per_second: 3, gigaflops: 0.5, limit: "reading" })
      assert.deepInclude(states[2], { read_megabytes_per_second: 2, gigaflops: 3, limit: "computing" })
      yield* progress.begin({ subjects: 4, lesions: 1 })
      assert.deepInclude(JSON.parse(lines[3]!), { read_megabytes_per_second: 0, gigaflops: 0, limit: null })
    }).pipe(Effect.provide(Progress.layerJson((text) => void lines.push(text))))
  })
})

describe("Progress, JSON", () => {
  it.effect("writes one object a line, with numbers that machines can use", () =>
    Effect.gen(function* () {
      const written = yield* shownBy(Progress.layerJson, 2)
      assert.isTrue(written.every((text) => text.indexOf("\n") === text.length - 1))
      const states = written.map((text) => JSON.parse(text))
      assert.deepInclude(states[0], {
        phase: "connectivity",
        pass: null,
        passes: null,
        counting: "subjects",
        subjects_done: 0,
        subjects: 10,
        lesions_done: 0,
        lesions: 2,
        elapsed_seconds: 0,
        subjects_per_second: 0,
        seconds_left: null
      })
      assert.deepInclude(states[4], {
        subjects_done: 4,
        elapsed_seconds: 8,
        subjects_per_second: 0.5,
        seconds_left: 12
      })
      assert.deepInclude(states.at(-2), {
        phase: "writing maps",
        counting: "lesions",
        lesions_done: 2,
        lesions_per_second: 2,
        seconds_left: 0
      })
      assert.deepInclude(states.at(-1), { phase: "done", counting: null, subjects_done: 10, lesions_done: 2 })
    })
  )

  it.effect("says which of several passes it is, and shows each", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const progress = yield* Progress
      const pass = (number: number): Phase => ({ ...connectivity, pass: { number, of: 2 } })
      yield* progress.begin({ subjects: 4, lesions: 1 }, pass(1))
      yield* progress.phase(pass(2))
      assert.deepStrictEqual(
        lines.map((line) => JSON.parse(line)).map(({ pass, passes }) => [pass, passes]),
        [
          [1, 2],
          [2, 2]
        ]
      )
    }).pipe(Effect.provide(Progress.layerJson((text) => void lines.push(text))))
  })
})

describe("Progress, memory", () => {
  it.effect("is told as it is now, and as planned once the run has begun", () => {
    const lines: Array<string> = []
    let memory = 1e6
    return Effect.gen(function* () {
      const progress = yield* Progress
      yield* progress.begin({ subjects: 4, lesions: 1, peakBytes: 3e6 })
      memory = 2e6
      yield* progress.phase(writing)
      yield* progress.begin({ subjects: 4, lesions: 1 })
      const told = lines
        .map((line) => JSON.parse(line))
        .map((state) => [state.memory_bytes, state.planned_memory_bytes])
      assert.deepStrictEqual(told, [
        [1e6, 3e6],
        [2e6, 3e6],
        [2e6, null]
      ])
    }).pipe(
      Effect.provide(
        Progress.layerJson(
          (text) => void lines.push(text),
          () => memory
        )
      )
    )
  })
})

describe("Progress, off", () => {
  it.effect("does nothing, and can be told everything", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shownBy(() => Progress.layerOff), [])
    })
  )
})
