import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { formatSeconds, Progress, type ProgressSink } from "../../src/runtime/Progress.ts"

/** What a layer writes while 10 subjects are done, one a second, and then 2 lesions. */
const shownBy = (layer: (write: ProgressSink) => Layer.Layer<Progress>, subjectSeconds = 1) => {
  const written: Array<string> = []
  return Effect.gen(function* () {
    const progress = yield* Progress
    yield* progress.begin({ subjects: 10, lesions: 2 })
    for (let subject = 0; subject < 10; subject++) {
      yield* TestClock.adjust(1000 * subjectSeconds)
      yield* progress.subjectDone
    }
    yield* progress.lesionDone
    yield* progress.lesionDone
    yield* progress.end
    return written
  }).pipe(Effect.provide(layer((text) => void written.push(text))))
}

describe("Progress, plain", () => {
  it.effect("writes a line at the start, every five seconds and at the end, with rate and time left", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shownBy(Progress.layerPlain), [
        "0/10 subjects\n",
        "5/10 subjects, 1.00 subjects/s, 5 s left\n",
        "10/10 subjects, 1.00 subjects/s\n",
        "10/10 subjects, 1.00 subjects/s, 2/2 lesions written\n",
        ""
      ])
    })
  )

  it.effect("counts anew with each begin", () => {
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
    }).pipe(Effect.provide(Progress.layerPlain((text) => void written.push(text))))
  })
})

describe("Progress, a bar", () => {
  const bar = (run: (progress: Progress["Service"]) => Effect.Effect<void>) => {
    const written: Array<string> = []
    return Effect.flatMap(Progress, run).pipe(
      Effect.provide(Progress.layerBar((text) => void written.push(text))),
      Effect.exit,
      Effect.map(() => written)
    )
  }
  const begin = { subjects: 3, lesions: 1 }

  it.effect("ends its line once, where the run ends and where it is cut short", () =>
    Effect.gen(function* () {
      const ended = yield* bar((progress) => Effect.andThen(progress.begin(begin), progress.end))
      assert.strictEqual(ended.filter((text) => text === "\n").length, 1)
      for (const cut of [Effect.die("a fault"), Effect.interrupt]) {
        const written = yield* bar((progress) => Effect.andThen(progress.begin(begin), cut))
        assert.strictEqual(written.length, 2)
        assert.include(written[0], "0/3 subjects")
        assert.strictEqual(written[1], "\n")
      }
    })
  )

  it.effect("writes nothing where nothing has begun", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* bar(() => Effect.void), [])
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

describe("Progress, bar", () => {
  it.effect("draws over one line, fills with the subjects done, and ends the line", () =>
    Effect.gen(function* () {
      const written = yield* shownBy(Progress.layerBar)
      assert.strictEqual(written.at(-1), "\n")
      const drawn = written.slice(0, -1)
      assert.strictEqual(drawn.length, 12)
      assert.isTrue(drawn.every((text) => text.startsWith("\r\u001b[K[") && !text.includes("\n")))
      const filled = drawn.map((text) => text.split("█").length - 1)
      assert.deepStrictEqual(filled, [0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 24])
      assert.isTrue(drawn.every((text) => text.split(/[█░]/).length - 1 === 24))
      assert.include(drawn[5], "] 5/10 subjects, 1.00 subjects/s, 5 s left")
    })
  )

  it.effect("draws at most ten times a second", () =>
    Effect.gen(function* () {
      const written = yield* shownBy(Progress.layerBar, 0.02)
      // At the start, after 100 and 200 ms, and at the end.
      assert.strictEqual(written.length, 4 + 1)
    })
  )
})

describe("Progress, JSON", () => {
  it.effect("writes one object a line, with numbers that machines can use", () =>
    Effect.gen(function* () {
      const written = yield* shownBy(Progress.layerJson, 2)
      assert.isTrue(written.slice(0, -1).every((text) => text.indexOf("\n") === text.length - 1))
      const states = written.filter((text) => text !== "").map((text) => JSON.parse(text))
      assert.deepInclude(states[0], {
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
        subjects: 10,
        lesions_done: 0,
        lesions: 2,
        elapsed_seconds: 8,
        subjects_per_second: 0.5,
        seconds_left: 12
      })
      assert.deepStrictEqual([states.at(-1).subjects_done, states.at(-1).lesions_done], [10, 2])
    })
  )
})

describe("Progress, off", () => {
  it.effect("does nothing, and can be told everything", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* shownBy(() => Progress.layerOff), [])
    })
  )
})

describe("formatSeconds", () => {
  it("says seconds, minutes and hours as a person would", () => {
    const said = [0, 0.2, 59, 59.5, 75, 3599.5, 3600, 7384].map(formatSeconds)
    assert.deepStrictEqual(said, [
      "0 s",
      "1 s",
      "59 s",
      "1 min 0 s",
      "1 min 15 s",
      "1 h 0 min",
      "1 h 0 min",
      "2 h 3 min"
    ])
  })
})
