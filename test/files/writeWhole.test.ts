import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { writeWhole, writeWholeBy } from "../../src/files/writeWhole.ts"

const scratch = mkdtempSync(join(tmpdir(), "lnm-whole-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const emptyFolder = () => mkdtempSync(join(scratch, "folder-"))

describe("writeWhole", () => {
  it.effect("writes text, bytes and pieces under another name, makes folders, and leaves only the file", () =>
    Effect.gen(function* () {
      const file = join(emptyFolder(), "a", "b", "file")
      const seen: Array<ReadonlyArray<string>> = []
      const pieces = function* () {
        yield "text, "
        seen.push(readdirSync(join(file, "..")))
        yield new TextEncoder().encode("bytes")
      }
      for (const content of ["text, bytes", new TextEncoder().encode("text, bytes"), { pieces }]) {
        yield* writeWhole(file, content)
        assert.strictEqual(readFileSync(file, "utf8"), "text, bytes")
        assert.deepStrictEqual(readdirSync(join(file, "..")), ["file"])
      }
      assert.deepStrictEqual(seen, [[`.file.partial-${process.pid}`, "file"]])
    })
  )

  it.effect("leaves what was there, and nothing else, where it fails at any step", () =>
    Effect.gen(function* () {
      const folder = emptyFolder()
      const file = join(folder, "file")
      writeFileSync(file, "before")
      const broken = {
        pieces: function* () {
          yield "half"
          throw new Error("a broken invariant")
        }
      }
      assert.strictEqual((yield* Effect.exit(writeWhole(file, broken)))._tag, "Failure")
      const refused = yield* Effect.flip(
        writeWholeBy(file, (aside) => Effect.fail(writeFileSync(aside, "half") ?? "own"))
      )
      assert.strictEqual(refused, "own")
      assert.strictEqual(readFileSync(file, "utf8"), "before")
      assert.deepStrictEqual(readdirSync(folder), ["file"])
      // What cannot be renamed: a folder of that name has something in it.
      mkdirSync(join(folder, "taken", "inside"), { recursive: true })
      const taken = yield* Effect.flip(writeWhole(join(folder, "taken"), "text"))
      assert.strictEqual(
        taken.message,
        `${join(folder, "taken")} could not be written: a folder of that name is in its place`
      )
      assert.deepStrictEqual(readdirSync(folder), ["file", "taken"])
    })
  )

  it.effect("makes no folders where it must not, and says so", () =>
    Effect.gen(function* () {
      const file = join(emptyFolder(), "gone", "file")
      const error = yield* Effect.flip(writeWhole(file, "text", { makesFolders: false }))
      assert.deepStrictEqual([error._tag, error.file], ["FileNotWritten", file])
      assert.isFalse(existsSync(join(file, "..")))
    })
  )

  it.live("removes the file aside where it is interrupted", () =>
    Effect.gen(function* () {
      const folder = emptyFolder()
      const endless = {
        pieces: function* () {
          for (;;) yield "piece"
        }
      }
      const fiber = yield* Effect.forkChild(writeWhole(join(folder, "file"), endless))
      while (readdirSync(folder).length === 0) yield* Effect.sleep(1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(readdirSync(folder), [])
    })
  )

  it.effect("gives what a library has written its name", () =>
    Effect.gen(function* () {
      const file = join(emptyFolder(), "file")
      const aside = `${file}.partial`
      yield* writeWholeBy(
        file,
        (given) =>
          Effect.sync(() => {
            assert.strictEqual(given, aside)
            writeFileSync(given, "of a library")
          }),
        { aside }
      )
      assert.strictEqual(readFileSync(file, "utf8"), "of a library")
      assert.isFalse(existsSync(aside))
      const nothing = yield* Effect.flip(writeWholeBy(join(file, "..", "none"), () => Effect.void))
      assert.strictEqual(nothing._tag, "FileNotWritten")
    })
  )
})
