import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, symlink, truncate } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const contentOf = (folder: string) => Effect.promise(async () => (await readdir(folder, { recursive: true })).sort())

const textOf = (file: string) => Effect.promise(() => readFile(file, "utf8"))

const onDisk = <A, E>(folder: string, use: (output: OutputFolder["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(OutputFolder, use).pipe(Effect.provide(OutputFolder.layer(folder)))

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

  it.effect("writes a text in pieces as it would write it whole, with the same size and SHA-256", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const pieces = function* () {
        for (let row = 0; row < 5000; row++) yield `${row}\tgrößer\n`
      }
      const write = Effect.fnUntraced(function* (output: OutputFolder["Service"]) {
        yield* output.write("whole.tsv", [...pieces()].join(""))
        yield* output.write("pieces.tsv", { pieces })
        return yield* output.written
      })
      const [inPieces, whole] = yield* onDisk(folder, write)
      assert.deepStrictEqual({ ...inPieces, path: "" }, { ...whole, path: "" })
      assert.strictEqual(yield* textOf(join(folder, "pieces.tsv")), yield* textOf(join(folder, "whole.tsv")))
      const inMemory = yield* Effect.flatMap(OutputFolder, write).pipe(
        Effect.provide(OutputFolder.layerMemory(new Map()))
      )
      assert.deepStrictEqual(inMemory, [inPieces!, whole!])
    })
  )

  it.effect("makes no more pieces once it is interrupted, and leaves nothing of those that were written", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      let made = 0
      const pieces = function* () {
        for (;;) {
          made++
          yield "row\n"
        }
      }
      const fiber = yield* Effect.forkChild(onDisk(folder, (output) => output.write("endless.tsv", { pieces })))
      while (made < 10) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* contentOf(folder), [])
    })
  )

  it.effect("refuses to write or remove what lies outside of it, on disk and in memory", () =>
    Effect.gen(function* () {
      const outside = yield* temporaryFolder
      const folder = join(outside, "maps")
      yield* writeBytes(join(outside, "mine.txt"), "before")
      const paths = [
        "../mine.txt",
        "sub-1/../../mine.txt",
        join(outside, "mine.txt"),
        "sub-1/..",
        "",
        "a\0b",
        "sub-1//x",
        "./x"
      ]
      const refused = (output: OutputFolder["Service"]) =>
        Effect.forEach(paths, (file) => Effect.flip(output.write(file, "evil")))
      for (const error of yield* onDisk(folder, refused)) assert.match(error.message, /could not be written: its path /)
      const inMemory = Effect.flatMap(OutputFolder, refused).pipe(Effect.provide(OutputFolder.layerMemory(new Map())))
      assert.strictEqual((yield* inMemory).length, paths.length)
      yield* onDisk(folder, (output) => Effect.forEach(paths, (file) => Effect.flip(output.remove(file))))
      assert.deepStrictEqual(yield* contentOf(outside), ["maps", "mine.txt"])
      assert.strictEqual(yield* textOf(join(outside, "mine.txt")), "before")
    })
  )

  it.effect("follows a link to itself and links within, but none that leads out", () =>
    Effect.gen(function* () {
      const outside = yield* temporaryFolder
      const folder = join(outside, "link")
      yield* Effect.promise(async () => {
        await mkdir(join(outside, "real", "inner"), { recursive: true })
        await mkdir(join(outside, "other"))
        await symlink(join(outside, "real"), folder)
        await symlink("inner", join(outside, "real", "sub-1"))
        await symlink(join(outside, "other"), join(outside, "real", "sub-2"))
      })
      yield* writeBytes(join(outside, "other", "x"), "before")
      const errors = yield* onDisk(
        folder,
        Effect.fnUntraced(function* (output) {
          yield* output.write("summary.tsv", "here")
          yield* output.write("sub-1/map", "here")
          return [
            yield* Effect.flip(output.write("sub-2/map", "there")),
            yield* Effect.flip(output.write("sub-2/ses-1/map", "there")),
            yield* Effect.flip(output.remove("sub-2/x"))
          ]
        })
      )
      for (const { message } of errors) assert.match(message, /sub-2.* is a symbolic link that leads out of the folder/)
      assert.strictEqual(yield* textOf(join(outside, "real/inner/map")), "here")
      assert.deepStrictEqual(yield* contentOf(join(outside, "other")), ["x"])
    })
  )

  it.effect("does not come back once it was removed, nor does a folder in it", () =>
    Effect.gen(function* () {
      const outside = yield* temporaryFolder
      for (const removed of ["maps", "maps/sub-1"]) {
        const folder = join(outside, "maps")
        const error = yield* onDisk(
          folder,
          Effect.fnUntraced(function* (output) {
            yield* output.write("sub-1/a", "a")
            yield* Effect.promise(() => rm(join(outside, removed), { recursive: true }))
            return yield* Effect.flip(output.write("sub-1/b", "b"))
          })
        )
        assert.include(error.message, "a folder of its path is not there, or was removed meanwhile")
      }
      assert.deepStrictEqual(yield* contentOf(outside), ["maps"])
    })
  )

  const losses: ReadonlyArray<readonly [what: string, lose: (file: string) => Promise<void>]> = [
    ["was removed", (file) => rm(file)],
    ["was cut short", (file) => truncate(file, 2)],
    ["was moved away with its folder", (file) => rename(join(file, ".."), join(file, "../../elsewhere"))]
  ]
  for (const [what, lose] of losses) {
    it.effect(`names a written file that ${what}, instead of telling that it was written`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const error = yield* onDisk(
          folder,
          Effect.fnUntraced(function* (output) {
            yield* output.write("sub-1/map.nii.gz", "content")
            yield* output.write("summary.tsv", "content")
            yield* Effect.promise(() => lose(join(folder, "sub-1/map.nii.gz")))
            return yield* Effect.flip(output.written)
          })
        )
        if (error._tag !== "OutputLost") return assert.fail(error.message)
        assert.deepStrictEqual(error.files, ["sub-1/map.nii.gz"])
        assert.include(error.message, "1 file(s) that this run wrote are gone or no longer whole: sub-1/map.nii.gz")
      })
    )
  }

  it.effect("in memory, keeps the same books as on disk", () =>
    Effect.gen(function* () {
      const files = new Map<string, Uint8Array>()
      const write = Effect.fnUntraced(function* (output: OutputFolder["Service"]) {
        yield* output.write("b/x.json", "ä")
        yield* output.write("a.bin", Uint8Array.of(1, 2, 3))
        yield* output.write("hashed.bin", Uint8Array.of(4), "the hash as it was given")
        return yield* output.written
      })
      const inMemory = yield* Effect.flatMap(OutputFolder, write).pipe(Effect.provide(OutputFolder.layerMemory(files)))
      const folder = yield* temporaryFolder
      assert.deepStrictEqual(inMemory, yield* onDisk(folder, write))
      assert.deepStrictEqual([...files.keys()].sort(), ["a.bin", "b/x.json", "hashed.bin"])
      assert.deepStrictEqual(inMemory[2], { path: "hashed.bin", bytes: 1, sha256: "the hash as it was given" })
      assert.deepStrictEqual(files.get("a.bin"), Uint8Array.of(1, 2, 3))
    })
  )
})
