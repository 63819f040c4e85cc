/** The line of progress, judged by what a terminal shows. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { liveLineOn } from "../../src/cli/liveLine.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { launcher, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { terminalScreen } from "../support/terminalScreen.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const drawnOn = Effect.fnUntraced(function* (columns: number) {
  const screen = terminalScreen(columns)
  screen.write("before\r\n")
  return { screen, line: yield* liveLineOn(screen) }
})

describe("a live line", () => {
  for (const columns of [200, 110, 80, 20, 8]) {
    it.effect(`takes one row of ${columns} columns, however often it is drawn`, () =>
      Effect.gen(function* () {
        const { screen, line } = yield* drawnOn(columns)
        yield* Effect.gen(function* () {
          const progress = yield* Progress
          yield* progress.begin({ subjects: 1000, lesions: 96 }, { name: "connectivity", counts: "subjects" })
          for (let n = 0; n < 50; n++) {
            line.draw(`${n}/1000 subjects of ${"many ".repeat(40)}`.slice(0, columns - 1))
            yield* progress.phase({ name: `pass ${n}`, counts: "subjects" })
          }
          yield* progress.end
        }).pipe(Effect.provide(Progress.layerLine(line)))
        const lines = yield* Effect.promise(screen.lines)
        const last = "done in 0 s: 0/1000 subjects, 0/96 lesions"
        assert.deepStrictEqual(lines, [
          "before",
          columns > last.length ? last : "0/1000 subjects, 0/96 lesions".slice(0, columns - 1),
          ""
        ])
      })
    )
  }

  it.effect("makes room for messages, and comes back below them", () =>
    Effect.gen(function* () {
      const { screen, line } = yield* drawnOn(40)
      line.draw("1/3 subjects")
      line.hide()
      screen.write("warning: one\n")
      line.show()
      line.draw("2/3 subjects")
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "warning: one", "2/3 subjects", ""])
      line.clear()
      line.hide()
      line.show()
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "warning: one", ""])
    })
  )

  it.effect("goes over what a key has left in its row, and stays once when it is kept", () =>
    Effect.gen(function* () {
      const { screen, line } = yield* drawnOn(40)
      line.draw("1/3 subjects")
      screen.write("^C")
      line.keep()
      line.keep()
      screen.write("interrupted\n")
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "1/3 subjects", "interrupted", ""])
    })
  )

  it.effect("asks for the terminal's width each time, and takes 80 where the terminal does not know", () =>
    Effect.gen(function* () {
      const { screen, line } = yield* drawnOn(100)
      assert.strictEqual(line.columns(), 100)
      line.draw("short")
      screen.resize(30)
      assert.strictEqual(line.columns(), 30)
      line.draw("x".repeat(29))
      line.draw("y".repeat(29))
      screen.resize(60)
      line.draw("z".repeat(59))
      assert.deepStrictEqual(yield* Effect.promise(screen.lines), ["before", "z".repeat(59), ""])
      for (const columns of [0, undefined]) {
        assert.strictEqual((yield* liveLineOn({ write: () => {}, columns })).columns(), 80)
      }
    })
  )

  it.effect("erases all rows of a text that is longer than its row", () =>
    Effect.gen(function* () {
      const { screen, line } = yield* drawnOn(20)
      for (let n = 0; n < 5; n++) line.draw(`病变 ${n} `.repeat(8))
      line.clear()
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

  it("writes lines where the terminal cannot draw over one", async () => {
    const { stdout } = await runIn(80, "TERM=dumb")
    assert.notInclude(stdout, "\u001b")
    assert.match(stdout, /^connectivity: 0\/5 subjects\r\n/)
  })
})
