import { chmod, readdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const contentOf = (folder: string) => Effect.promise(async () => (await readdir(folder, { recursive: true })).sort())

/** Whoever runs as root may write everywhere. */
const isRoot = process.getuid?.() === 0

describe("checkOutputFolder", () => {
  it.effect("accepts a folder that is there, and one that could be made, and makes nothing", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* checkOutputFolder(folder)
      yield* checkOutputFolder(join(folder, "a", "b", "c"))
      assert.deepStrictEqual(yield* contentOf(folder), [])
    })
  )

  it.effect("refuses a file, and a folder below a file, and names the file", () =>
    Effect.gen(function* () {
      const file = yield* writeBytes(join(yield* temporaryFolder, "maps"), "")
      for (const folder of [file, join(file, "a", "b")]) {
        const error = yield* Effect.flip(checkOutputFolder(folder))
        assert.strictEqual(error._tag, "OutputNotWritable")
        assert.include(error.message, `${file} is a file, not a folder`)
      }
    })
  )

  it.effect("refuses a link that leads to nothing, where no folder can be made", () =>
    Effect.gen(function* () {
      const link = join(yield* temporaryFolder, "maps")
      yield* Effect.promise(() => symlink("nowhere", link))
      for (const folder of [link, join(link, "a")]) {
        const { message } = yield* Effect.flip(checkOutputFolder(folder))
        assert.include(message, `${link} is a link that leads to nothing`)
      }
    })
  )

  it.effect.skipIf(isRoot)("refuses a folder without permission to write", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.acquireRelease(
        Effect.promise(() => chmod(folder, 0o500)),
        () => Effect.promise(() => chmod(folder, 0o700))
      )
      const error = yield* Effect.flip(checkOutputFolder(join(folder, "maps")))
      assert.include(error.message, "you may not write there")
    })
  )

  it.effect("refuses a path that the file system does not take, in plain words", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const tooLong = yield* Effect.flip(checkOutputFolder(join(folder, "x".repeat(300))))
      assert.include(tooLong.message, "its name is too long for the file system")
      assert.include((yield* Effect.flip(checkOutputFolder(join(folder, "a\0b")))).message, "NUL character")
    })
  )
})
