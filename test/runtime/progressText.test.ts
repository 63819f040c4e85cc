import { assert, describe, it } from "@effect/vitest"
import { addWork, done, inPhase, nothingCounted, type Phase, stateOf } from "../../src/runtime/progressState.ts"
import { formatSeconds, sentence, viewOf } from "../../src/runtime/progressText.ts"

const connectivity: Phase = { name: "connectivity", counts: "subjects", pass: { number: 2, of: 3 } }
const writing: Phase = { name: "writing maps", counts: "lesions" }

/** 30 of 60 subjects in ten seconds. */
const computing = (() => {
  const begun = nothingCounted({ subjects: 60, lesions: 96 }, connectivity, 0)
  const work = addWork(begun.work, { readBytes: 1e9, readSeconds: 1, operations: 1e11, computeSeconds: 3 })
  return { ...begun, subjectsDone: 30, work }
})()

const whole =
  "connectivity, pass 2 of 3: 30/60 subjects, 3.00 subjects/s, 100 MB/s, 10.0 GFLOP/s, limited by computing, 10 s left"

describe("the words of progress", () => {
  it("say what is going on, how much is done, the rates and the time left", () => {
    assert.strictEqual(sentence(stateOf(computing, 10_000)), whole)
  })

  it("say how much memory there is and was planned, while it can be compared", () => {
    const planned = { ...computing, totals: { ...computing.totals, peakBytes: 2e9 } }
    assert.include(
      sentence(stateOf(planned, 10_000, 1e9)),
      ", limited by computing, memory 953.67 MiB of 1.86 GiB, 10 s left"
    )
    assert.notInclude(sentence(stateOf(inPhase(planned, done, 10_000), 10_000, 1e9)), "memory")
  })

  it("give lesions a rate of their own, and that of subjects only over the time in which they were counted", () => {
    const written = { ...inPhase(computing, writing, 10_000), lesionsDone: 12 }
    assert.strictEqual(sentence(stateOf(written, 14_000)), "writing maps: 12/96 lesions, 3.00 lesions/s, 28 s left")
    const again = inPhase(written, connectivity, 14_000)
    assert.deepInclude(stateOf({ ...again, subjectsDone: 31 }, 20_333), { subjects_per_second: 31 / 16.333 })
  })

  it("count the steps of a phase alone, with the time left by those that were done in it", () => {
    const phase: Phase = { name: "reading maps", counts: "steps", steps: { of: 40, name: "patients" } }
    const begun = inPhase(nothingCounted({ subjects: 0, lesions: 0 }, writing, 0), phase, 10_000)
    assert.strictEqual(sentence(stateOf(begun, 11_000)), "reading maps: 0/40 patients")
    const reading = { ...begun, stepsTakenOver: 10, stepsDone: 20 }
    assert.strictEqual(sentence(stateOf(reading, 14_000)), "reading maps: 30/40 patients, 2 s left")
    assert.deepStrictEqual(viewOf(stateOf(reading, 14_000), { columns: 100, rows: 24 }), [
      "[##################......] reading maps: 30/40 patients, 2 s left"
    ])
    const next = inPhase(reading, { ...phase, name: "contrast x", steps: { of: 7, name: "tiles" } }, 20_000)
    assert.strictEqual(sentence(stateOf({ ...next, stepsDone: 1 }, 21_000)), "contrast x: 1/7 tiles, 6 s left")
    assert.strictEqual(sentence(stateOf(inPhase(next, done, 21_000), 21_000)), "done in 21 s")
  })

  it("name a phase in which nothing is counted, and say at the end how much was done", () => {
    const checking = inPhase(computing, { name: "checking inputs", counts: "nothing" }, 10_000)
    assert.strictEqual(sentence(stateOf(checking, 11_000)), "checking inputs")
    const ended = { ...inPhase(checking, done, 26_000), subjectsDone: 60, lesionsDone: 96 }
    assert.strictEqual(sentence(stateOf(ended, 26_000)), "done in 26 s: 60/60 subjects, 96/96 lesions")
    const store = inPhase(nothingCounted({ subjects: 5, lesions: 0 }, connectivity, 0), done, 1000)
    assert.strictEqual(sentence(stateOf(store, 1000)), "done in 1 s: 0/5 subjects")
  })
})

describe("rows of a terminal", () => {
  const bar = "[############............] "
  const planned = { ...computing, totals: { ...computing.totals, peakBytes: 2 ** 31 } }
  const state = stateOf(planned, 10_000, 2 ** 30)
  const view = (columns: number, rows = 24) => viewOf(state, { columns, rows })

  it("say above what is done and what is left, below how fast and in how much memory", () => {
    assert.deepStrictEqual(view(200), [
      `${bar}connectivity, pass 2 of 3: 30/60 subjects, 10 s left`,
      "96 lesions, 3.00 subjects/s, 100 MB/s, 10.0 GFLOP/s, limited by computing, memory 1 GiB of 2 GiB"
    ])
  })

  it("leave out above the bar, the time left, what is going on; below all rates, and the memory last", () => {
    assert.deepStrictEqual(view(79), [
      `${bar}connectivity, pass 2 of 3: 30/60 subjects, 10 s left`,
      "96 lesions, 3.00 subjects/s, limited by computing, memory 1 GiB of 2 GiB"
    ])
    assert.deepStrictEqual(view(62), [
      "connectivity, pass 2 of 3: 30/60 subjects, 10 s left",
      "3.00 subjects/s, limited by computing, memory 1 GiB of 2 GiB"
    ])
    assert.deepStrictEqual(view(45), [
      "connectivity, pass 2 of 3: 30/60 subjects",
      "limited by computing, memory 1 GiB of 2 GiB"
    ])
    assert.deepStrictEqual(view(21), ["30/60 subjects", "memory 1 GiB of 2 GiB"])
    assert.deepStrictEqual(view(20), ["30/60 subjects"])
    assert.deepStrictEqual(view(5), ["30/60"])
  })

  it("are one in a terminal of few rows, and at the end", () => {
    assert.strictEqual(view(200, 5).length, 1)
    const ended = stateOf(inPhase(planned, done, 10_000), 10_000, 2 ** 30)
    assert.deepStrictEqual(viewOf(ended, { columns: 79, rows: 24 }), ["done in 10 s: 30/60 subjects, 0/96 lesions"])
  })

  it("are never longer than there are columns, in any phase", () => {
    for (const phase of [connectivity, writing, { name: "checking inputs", counts: "nothing" } as const, done]) {
      const state = stateOf({ ...inPhase(planned, phase, 10_000), lesionsDone: 50 }, 11_000, 1.5e9)
      for (let columns = 0; columns <= 300; columns++) {
        const drawn = viewOf(state, { columns, rows: 24 })
        assert.isAtMost(drawn.length, 2)
        for (const row of drawn) assert.isAtMost(row.length, columns)
      }
    }
  })

  it("fill their bar with what is counted", () => {
    const filled = (lesionsDone: number) =>
      viewOf(stateOf({ ...inPhase(computing, writing, 0), lesionsDone }, 0), { columns: 100, rows: 24 })[0]!.split("#")
        .length - 1
    assert.deepStrictEqual([0, 3, 4, 48, 95, 96, 97].map(filled), [0, 0, 1, 12, 23, 24, 24])
  })

  it("have no character that takes two columns anywhere", () => {
    for (const row of view(200)) assert.match(row, /^[\x20-\x7e]+$/)
  })
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
