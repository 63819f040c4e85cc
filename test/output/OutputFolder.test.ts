import { createHash } from "node:crypto"
import { chmod, mkdir, readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { checkOutputFolder, OutputFolder } from "../../src/output/OutputFolder.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const contentOf = (folder: string) => Effect.promise(async () => (await readdir(folder, { recursive: true })).sort())

const textOf = (file: string) => Effect.promise(() => readFile(file, "utf8"))

const onDisk = <A, E>(folder: string, use: (output: OutputFolder["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(OutputFolder, use).pipe(Effect.provide(OutputFolder.layer(folder)))

/** Whoever runs as root may write everywhere. */
const isRoot = process.getuid?.() === 0

describe("OutputFolder", () => {
  it.effect("makes itself and the folders of its files, and keeps each file's size and SHA-256", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "new", "derivatives")
      const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)
      const written = yield* onDisk(
        folder,
        Effect.fnUntraced(function* (output) {
          yield* output.write("sub-2/map.nii.gz", bytes)
          yield* output.write("sub-1/ses-1/text.json", "größer")
          return yield* output.written
        })
      )
      assert.deepStrictEqual(
        new Uint8Array(yield* Effect.promise(() => readFile(join(folder, "sub-2/map.nii.gz")))),
        bytes
      )
      assert.strictEqual(yield* textOf(join(folder, "sub-1/ses-1/text.json")), "größer")
      const hash = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex")
      assert.deepStrictEqual(written, [
        { path: "sub-1/ses-1/text.json", bytes: 8, sha256: hash("größer") },
        { path: "sub-2/map.nii.gz", bytes: 1000, sha256: hash(bytes) }
      ])
      assert.deepStrictEqual(yield* contentOf(folder), [
        "sub-1",
        "sub-1/ses-1",
        "sub-1/ses-1/text.json",
        "sub-2",
        "sub-2/map.nii.gz"
      ])
    })
  )

  it.effect("replaces a file whole, and counts it once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const written = yield* onDisk(
        folder,
        Effect.fnUntraced(function* (output) {
          yield* output.write("a.txt", "a long first content")
          yield* output.write("a.txt", "short")
          return yield* output.written
        })
      )
      assert.strictEqual(yield* textOf(join(folder, "a.txt")), "short")
      assert.deepStrictEqual(
        written.map(({ path, bytes }) => [path, bytes]),
        [["a.txt", 5]]
      )
    })
  )

  it.effect("leaves nothing aside, and what was there before, where a file cannot be put in its place", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.promise(() => mkdir(join(folder, "map.nii.gz", "inside"), { recursive: true }))
      yield* writeBytes(join(folder, "file"), "before")
      const outcome = yield* onDisk(
        folder,
        Effect.fnUntraced(function* (output) {
          const taken = yield* Effect.flip(output.write("map.nii.gz", "content"))
          const below = yield* Effect.flip(output.write("file/map.nii.gz", "content"))
          return { taken, below, written: yield* output.written }
        })
      )
      for (const error of [outcome.taken, outcome.below]) {
        assert.strictEqual(error._tag, "OutputNotWritten")
        assert.include(error.message, error.file)
      }
      assert.include(outcome.taken.message, "a folder of that name is in its place")
      assert.include(outcome.below.message, "a part of the path is a file, not a folder")
      assert.deepStrictEqual(outcome.written, [])
      assert.deepStrictEqual(yield* contentOf(folder), ["file", "map.nii.gz", "map.nii.gz/inside"])
      assert.strictEqual(yield* textOf(join(folder, "file")), "before")
    })
  )

  it.effect("has each file whole or not at all when interrupted, and nothing aside", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const content = new Uint8Array(4_000_000).fill(7)
      for (let delay = 0; delay < 12; delay++) {
        const name = `${delay}.bin`
        const fiber = yield* Effect.forkChild(onDisk(folder, (output) => output.write(name, content)))
        for (let turn = 0; turn < delay; turn++) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        yield* Fiber.interrupt(fiber)
      }
      for (const name of yield* contentOf(folder)) {
        assert.match(name, /^\d+\.bin$/)
        assert.strictEqual((yield* Effect.promise(() => stat(join(folder, name)))).size, content.length)
      }
    })
  )

  it.effect("removes a file, and does not mind one that is not there", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeBytes(join(folder, "manifest.json"), "{}")
      yield* onDisk(folder, (output) => Effect.andThen(output.remove("manifest.json"), output.remove("manifest.json")))
      assert.deepStrictEqual(yield* contentOf(folder), [])
    })
  )

  it.effect("cannot be made where a file is in the way", () =>
    Effect.gen(function* () {
      const file = yield* writeBytes(join(yield* temporaryFolder, "file"), "")
      for (const folder of [file, join(file, "below")]) {
        const error = yield* Effect.flip(onDisk(folder, () => Effect.void))
        assert.strictEqual(error._tag, "OutputNotWritable")
        assert.include(error.message, `output.path: ${folder}`)
      }
    })
  )

  it.effect("in memory, keeps the same books as on disk", () =>
    Effect.gen(function* () {
      const files = new Map<string, Uint8Array>()
      const write = Effect.fnUntraced(function* (output: OutputFolder["Service"]) {
        yield* output.write("b/x.json", "ä")
        yield* output.write("a.bin", Uint8Array.of(1, 2, 3))
        return yield* output.written
      })
      const inMemory = yield* Effect.flatMap(OutputFolder, write).pipe(Effect.provide(OutputFolder.layerMemory(files)))
      const folder = yield* temporaryFolder
      assert.deepStrictEqual(inMemory, yield* onDisk(folder, write))
      assert.deepStrictEqual([...files.keys()].sort(), ["a.bin", "b/x.json"])
      assert.deepStrictEqual(files.get("a.bin"), Uint8Array.of(1, 2, 3))
    })
  )
})

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
})
