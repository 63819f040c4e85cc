/** The rows of progress, judged by what a terminal shows. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { liveViewOn } from "../../src/cli/liveView.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { launcher, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { terminalScreen } from "../support/terminalScreen.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const connectivity = { name: "connectivity", counts: "subjects" } as const

const drawnOn = Effect.fnUntraced(function* (columns: number, rows = 24) {
  const screen = terminalScreen(columns, rows)
  screen.write("before\r\n")
  return { screen, view: yield* liveViewOn(screen, (text) => `\u001b[2m${text}\u001b[22m`) }
})

describe("a live view", () => {
  for (const [columns, rows] of [
    [300, 24],
    [200, 24],
    [110, 24],
    [80, 24],
    [40, 24],
    [20, 24],
    [8, 24],
    [80, 3],
    [20, 2]
  ] as const) {
    it.effect(`scrolls nothing away on ${columns} columns and ${rows} rows, however often it is drawn`, () =>
      Effect.gen(function* () {
        const { screen, view } = yield* drawnOn(columns, rows)
        const drawn: Array<ReadonlyArray<string>> = []
        yield* Effect.gen(function* () {
          const progress = yield* Progress
          yield* progress.begin({ subjects: 1000, lesions: 96, peakBytes: 2e9 }, connectivity)
          for (let n = 0; n < 50; n++) {
            yield* progress.worked({ readBytes: 1e9, readSeconds: 1, operations: 1e11, computeSeconds: 3 })
            yield* TestClock.adjust(300)
            yield* progress.subjectDone
            if (n % 10 === 0) drawn.push(yield* Effect.promise(screen.lines))
            yield* progress.phase({ name: `pass ${n}`, counts: "subjects" })
          }
          yield* progress.end
        }).pipe(Effect.provide(Progress.layerLive(view, () => 1e9)))
        for (const lines of drawn) {
          assert.strictEqual(lines[0], "before")
          // What was there, one or two rows, and the row of the cursor: where a text wrapped, there would be more.
          assert.isAtMost(lines.length, rows < 6 ? 3 : 4)
          assert.match(lines[1]!, columns > 60 ? /^\[#*\.*\] .+ 1000 subjects|\/1000 subjects/ : /\d+\//)
        }
        const last = "done in 15 s: 50/1000 subjects, 0/96 lesions"
        const end = columns > last.length ? last : "50/1000 subjects, 0/96 lesions".slice(0, columns - 1)
        assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", end, ""])
      })
    )
  }

  it.effect("sets rates and memory apart in a second row, which goes at the end", () =>
    Effect.gen(function* () {
      const { screen, view } = yield* drawnOn(80)
      yield* Effect.gen(function* () {
        const progress = yield* Progress
        yield* progress.begin({ subjects: 10, lesions: 96, peakBytes: 2 ** 31 }, connectivity)
        yield* TestClock.adjust(1000)
        yield* progress.subjectDone
        assert.deepStrictEqual(yield* Effect.promise(screen.lines), [
          "before",
          "[##......................] connectivity: 1/10 subjects, 9 s left",
          "96 lesions, 1.00 subjects/s, memory 1 GiB of 2 GiB",
          ""
        ])
        const cell = (row: number) => screen.terminal.buffer.active.getLine(row)!.getCell(0)!.isDim()
        assert.deepStrictEqual([1, 2].map(cell), [0, 134217728])
        yield* progress.end
      }).pipe(Effect.provide(Progress.layerLive(view, () => 2 ** 30)))
      const ended = ["before", "done in 1 s: 1/10 subjects, 0/96 lesions", ""]
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ended)
    })
  )

  it.effect("makes room for messages, and comes back below them", () =>
    Effect.gen(function* () {
      const { screen, view } = yield* drawnOn(40)
      view.draw(["1/3 subjects"])
      view.hide()
      screen.write("warning: one\n")
      view.show()
      view.draw(["2/3 subjects"])
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "warning: one", "2/3 subjects", ""])
      view.clear()
      view.hide()
      view.show()
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "warning: one", ""])
    })
  )

  it.effect("goes over what a key has left in its row, and stays once when it is kept", () =>
    Effect.gen(function* () {
      const { screen, view } = yield* drawnOn(40)
      view.draw(["1/3 subjects"])
      screen.write("^C")
      view.keep()
      view.keep()
      screen.write("interrupted\n")
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "1/3 subjects", "interrupted", ""])
    })
  )

  it.effect("asks for the terminal's width each time, and takes 80 where the terminal does not know", () =>
    Effect.gen(function* () {
      const { screen, view } = yield* drawnOn(100)
      assert.strictEqual(view.size().columns, 100)
      view.draw(["short"])
      screen.resize(30)
      assert.strictEqual(view.size().columns, 30)
      view.draw(["x".repeat(29)])
      view.draw(["y".repeat(29)])
      screen.resize(60)
      view.draw(["z".repeat(59)])
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "z".repeat(59), ""])
      for (const columns of [0, undefined]) {
        assert.strictEqual((yield* liveViewOn({ write: () => {}, columns })).size().columns, 80)
      }
    })
  )

  it.effect("erases all rows of a text that is longer than its row", () =>
    Effect.gen(function* () {
      const { screen, view } = yield* drawnOn(20)
      for (let n = 0; n < 5; n++) view.draw([`病变 ${n} `.repeat(8)])
      view.clear()
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", ""])
    })
  )
})

/** Debian's `script`, which gives a program a terminal. */
const pseudoTerminal = "/usr/bin/script"
const hasTerminal = process.platform === "linux" && existsSync(pseudoTerminal)
if (!hasTerminal && process.env.CI !== undefined) throw new Error(`${pseudoTerminal} is missing`)
if (!hasTerminal) console.log(`skipped: runs in a terminal, as ${pseudoTerminal} is missing`)

describe.skipIf(!hasTerminal)("a run in a terminal", () => {
  const runIn = async (columns: number, environment = "TERM=xterm") => {
    const { config, output } = await writeTinyStudy(join(scratch, `in-${columns}-${environment}`), { subjects: 5 })
    const run = `stty cols ${columns} rows 24; exec env -u CI ${environment} "${process.execPath}" "${launcher}" run "${config}" --output "${output}"`
    const { code, stdout } = await startProgram(pseudoTerminal, ["-qec", run, "/dev/null"]).ended
    assert.strictEqual(code, 0, stdout)
    const screen = terminalScreen(columns, 24)
    screen.write(stdout)
    return { stdout, lines: (await screen.lines()).filter((line) => line !== "") }
  }

  it("leaves one line of progress above the result, in a wide terminal and a narrow one", async () => {
    const [wide, narrow] = await Promise.all([runIn(110, "NO_COLOR=1"), runIn(20)])
    for (const drawn of ["reading inputs", "connectivity: ", "writing maps: ", "checking inputs"]) {
      assert.include(wide.stdout, drawn)
    }
    assert.match(wide.lines[0]!, /^done in \d s: 5\/5 subjects, 4\/4 lesions$/)
    assert.match(wide.lines[1]!, /^4 lesion\(s\) × 5 subjects/)
    assert.strictEqual(narrow.lines[0], "5/5 subjects, 4/4 l")
    assert.match(narrow.lines[1]!, /^4 lesion\(s\)/)
  })

  it("has colours where it knows them, and none with NO_COLOR", async () => {
    const escape = "\u001b"
    const colour = new RegExp(`${escape}\\[\\d+m`)
    const [plain, coloured] = await Promise.all([runIn(81, "NO_COLOR=1"), runIn(82, "-u NO_COLOR TERM=xterm-256color")])
    assert.notMatch(plain.stdout, colour)
    assert.include(coloured.stdout, `${escape}[2m`)
    assert.include(coloured.stdout, `${escape}[1mlnm view `)
    for (const { lines } of [plain, coloured]) assert.match(lines[0]!, /^done in/)
  })

  it("writes lines where the terminal cannot draw over one", async () => {
    const { stdout } = await runIn(80, "TERM=dumb")
    assert.notInclude(stdout, "\u001b")
    assert.match(stdout, /^connectivity: 0\/5 subjects, memory .+\r\n/)
  })
})
