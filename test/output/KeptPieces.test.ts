import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { KeptPieces, keptPiecesLayer } from "../../src/output/KeptPieces.ts"
import { heardWarnings } from "../support/heardWarnings.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const [one, other] = ["1".repeat(64), "2".repeat(64)]
const piece = (seed: number) => ({ counts: Uint32Array.of(seed, 7), maxima: Float64Array.of(seed / 3, Number.NaN) })

/** Runs of a program: which pieces it had to compute, and how often it says that it was resumed. */
const runOf = (
  folder: string,
  names: ReadonlyArray<string>,
  { fingerprint = one, interval = undefined as number | undefined, ends = "interrupted", eachSeconds = 0 } = {}
) =>
  Effect.gen(function* () {
    const kept = yield* KeptPieces
    const pieces = yield* kept.of(fingerprint)
    const computed: Array<string> = []
    for (const name of names) {
      const compute = Effect.gen(function* () {
        yield* TestClock.adjust(1000 * eachSeconds)
        computed.push(name)
        return piece(name.length)
      })
      const { arrays, isKept } = yield* pieces.keptOr(name, compute)
      assert.deepStrictEqual(arrays, piece(name.length))
      assert.strictEqual(isKept, !computed.includes(name))
    }
    if (ends === "done") yield* kept.remove
    return { computed, resumes: yield* kept.resumes, files: filesIn(folder) }
  }).pipe(Effect.provide(keptPiecesLayer(folder, interval)))

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const newFolder = (): string => mkdtempSync(join(scratch, "output-"))

describe("KeptPieces", () => {
  it.effect("gives back what an interrupted run has computed, and removes it when the run is done", () =>
    Effect.gen(function* () {
      const folder = newFolder()
      const first = yield* runOf(folder, ["a", "bb"])
      assert.deepStrictEqual(first, { computed: ["a", "bb"], resumes: 0, files: [] })
      const second = yield* runOf(folder, ["bb", "ccc", "a"])
      assert.deepInclude(second, { computed: ["ccc"], resumes: 1 })
      const third = yield* runOf(folder, ["a", "bb", "ccc"], { ends: "done" })
      assert.deepStrictEqual(third, { computed: [], resumes: 2, files: [] })
      assert.deepStrictEqual(yield* runOf(folder, ["a"]), { computed: ["a"], resumes: 0, files: [] })
    })
  )

  it.effect("knows no pieces of another computation, and keeps theirs", () =>
    Effect.gen(function* () {
      const folder = newFolder()
      yield* runOf(folder, ["a"])
      assert.deepInclude(yield* runOf(folder, ["a"], { fingerprint: other }), { computed: ["a"], resumes: 0 })
      assert.deepInclude(yield* runOf(folder, ["a"]), { computed: [], resumes: 1 })
    })
  )

  it.effect("writes as often as it is told, or when that costs little: what is written outlives a kill", () =>
    Effect.gen(function* () {
      const files = (options: Parameters<typeof runOf>[2]) =>
        Effect.map(runOf(newFolder(), ["a", "b", "c", "d"], options), (run) => run.files.length)
      assert.strictEqual(yield* files({ interval: 0 }), 4)
      assert.strictEqual(yield* files({ interval: 3, eachSeconds: 1 }), 3)
      assert.strictEqual(yield* files({ eachSeconds: 1 }), 0)
      assert.strictEqual(yield* files({ eachSeconds: 6 }), 4)
    })
  )

  it.effect("computes a piece that is damaged again, with a warning", () =>
    Effect.gen(function* () {
      const folder = newFolder()
      yield* runOf(folder, ["a", "bb"])
      const file = filesIn(folder).find((name) => name.endsWith("/a.piece"))!
      const bytes = readFileSync(file)
      bytes[bytes.length - 40]! ^= 1
      writeFileSync(file, bytes)
      const { result, warnings } = yield* heardWarnings(runOf(folder, ["a", "bb"]))
      assert.deepInclude(result, { computed: ["a"], resumes: 1 })
      assert.include(warnings[0]?.found, "this piece of an interrupted run cannot be used: its checksum is another")
    })
  )

  it.effect("says where a piece cannot be written", () =>
    Effect.gen(function* () {
      const folder = newFolder()
      writeFileSync(join(folder, ".lnm"), "a file")
      const error = yield* Effect.flip(runOf(folder, ["a"], { interval: 0 }))
      assert.include(error.message, join(folder, ".lnm"))
    })
  )
})
