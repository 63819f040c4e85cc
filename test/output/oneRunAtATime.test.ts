/** What an output folder is for a run: its own, as long as it is open, with lesions that fail each for itself. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { OutputNotWritten } from "../../src/output/OutputNotWritten.ts"
import { filesIn } from "../support/folderContent.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"

const inFolder = <A, E>(folder: string, use: (output: OutputFolder["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(OutputFolder, use).pipe(Effect.provide(OutputFolder.layer(folder)))

describe("an output folder that is open", () => {
  it.effect("is locked, and as it was when it is closed", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "maps")
      const refused = yield* inFolder(folder, () => Effect.flip(inFolder(folder, () => Effect.void)))
      assert.strictEqual(refused._tag, "OutputBusy")
      assert.include(refused.message, `process ${process.pid} on`)
      assert.deepStrictEqual(readdirSync(folder), [])
      yield* inFolder(folder, (output) => output.write(".lnm/finished.jsonl", "kept"))
      assert.deepStrictEqual(filesIn(folder), [".lnm/finished.jsonl"])
    })
  )

  it.live("is had by one at a time, and told to be busy to all others, however many open and close it at once", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "maps")
      const open = Effect.exit(inFolder(folder, () => Effect.void))
      const exits = yield* Effect.forEach(Array.from({ length: 40 }), () => Effect.replicateEffect(open, 30), {
        concurrency: "unbounded"
      })
      const failures = exits.flat().flatMap((exit) => Option.toArray(Exit.findErrorOption(exit)))
      assert.deepStrictEqual([...new Set(failures.map(({ _tag }) => _tag))], ["OutputBusy"])
      assert.isBelow(failures.length, 40 * 30)
      assert.deepStrictEqual(readdirSync(folder), [])
    })
  )

  it.effect("is not where what a run keeps would be a file or a link that leads out of it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFileSync(join(folder, ".lnm"), "mine")
      const refused = yield* Effect.flip(inFolder(folder, () => Effect.void))
      assert.strictEqual(refused._tag, "OutputNotWritable")
      assert.include(refused.message, "a part of the path is a file, not a folder")
      assert.strictEqual(readFileSync(join(folder, ".lnm"), "utf8"), "mine")
    })
  )

  it.effect(
    "takes text at the end of a file, lists no file of the run itself, and removes what is left unfinished",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        mkdirSync(join(folder, "sub-1/below"), { recursive: true })
        const asides = [".a.partial-1", "sub-1/.b.partial-1", "sub-1/below/.c.partial-1"]
        for (const aside of asides) writeFileSync(join(folder, aside), "")
        yield* inFolder(
          folder,
          Effect.fnUntraced(function* (output) {
            yield* output.write(".lnm/finished.jsonl", "one\n")
            yield* output.append(".lnm/finished.jsonl", "two\n")
            assert.strictEqual(yield* output.read(".lnm/finished.jsonl"), "one\ntwo\n")
            assert.isUndefined(yield* output.read("none"))
            assert.strictEqual((yield* Effect.flip(output.append("none", ""))).cause instanceof Error, true)
            yield* output.write("sub-2/ses-1/a.json", "{}")
            assert.deepStrictEqual(
              (yield* output.written).map(({ path }) => path),
              ["sub-2/ses-1/a.json"]
            )
            yield* output.removeUnfinished([".", "sub-1", "none"])
            assert.deepStrictEqual(
              filesIn(folder).filter((file) => !file.startsWith(".lnm/")),
              [asides[2]!, "sub-2/ses-1/a.json"]
            )
            yield* output.remove("sub-2/ses-1/a.json")
            assert.isFalse(existsSync(join(folder, "sub-2")))
            yield* output.remove(".lnm/finished.jsonl")
          })
        )
        assert.deepStrictEqual(readdirSync(folder), ["sub-1"])
      })
  )
})

describe("lesions that cannot be written", () => {
  const failing = (code: string) => Effect.fail(new OutputNotWritten({ file: "map.nii.gz", cause: { code } }))

  it.effect("are told at the end, each with its reason, and not before", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* inFolder(
        folder,
        Effect.fnUntraced(function* (output) {
          yield* output.checkLesions
          assert.deepStrictEqual(yield* output.attempt("a", failing("EACCES")), Option.none())
          assert.deepStrictEqual(yield* output.attempt("b", Effect.succeed(1)), Option.some(1))
          for (let n = 0; n < 9; n++) yield* output.attempt(`c${n}`, failing("EISDIR"))
          assert.strictEqual((yield* Effect.flip(output.written))._tag, "LesionsNotWritten")
          return yield* Effect.flip(output.checkLesions)
        })
      )
      assert.match(
        error.message,
        /^the maps of 10 lesion\(s\) could not be written:\n {2}a: map\.nii\.gz .+you may not write there\n/
      )
      assert.include(error.message, "and 2 more")
    })
  )

  it.effect("end the run at once where nothing can be written, and so does what is no failure of writing", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "maps")
      yield* inFolder(
        folder,
        Effect.fnUntraced(function* (output) {
          for (const code of ["ENOSPC", "EDQUOT", "EROFS", "ESTALE", "EMFILE"]) {
            assert.strictEqual((yield* Effect.flip(output.attempt("a", failing(code))))._tag, "OutputNotWritten")
          }
          assert.strictEqual(yield* Effect.flip(output.attempt("a", Effect.fail("other"))), "other")
          yield* output.checkLesions
          renameSync(folder, `${folder}-away`)
          assert.strictEqual(
            (yield* Effect.flip(output.attempt("a", output.write("sub-1/a", "")))).message.includes(
              "removed meanwhile"
            ),
            true
          )
        })
      )
      assert.isFalse(existsSync(folder))
    })
  )
})
