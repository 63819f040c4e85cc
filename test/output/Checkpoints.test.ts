import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type CheckpointKind, makeCheckpoint, removeCheckpoints } from "../../src/output/Checkpoints.ts"
import { type HeaderKind, openArrayFile } from "../../src/output/readArrayFile.ts"
import { writeArrayFile } from "../../src/output/writeArrayFile.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { flipByte } from "../support/damage.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const Header = Schema.Struct({ kind: Schema.Literal("number"), value: Schema.Number })

const numberFile: HeaderKind<typeof Header.Type> = { kind: "number", schema: Header, bytesOf: () => 8 }

/** A checkpoint that holds a number. */
const numbers: CheckpointKind<number, number> = {
  ending: "number",
  save: (file, value) => writeArrayFile(file, { kind: "number", value }, [new Uint8Array(8)]),
  open: (file) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { header, check } = yield* openArrayFile(file, [numberFile])
        yield* check
        return header.value
      })
    ),
  progress: (value) => value
}

const fingerprints = { study: "a".repeat(64), sums: "b".repeat(64) }

const scratch = scratchFolder()

const checkpointIn = (name: string, sums = fingerprints.sums) =>
  makeCheckpoint(join(scratch, name), Effect.succeed({ ...fingerprints, sums }), numbers)

describe("a checkpoint", () => {
  it.effect("is found again by another process, the newest of two generations", () =>
    Effect.gen(function* () {
      const { save } = checkpointIn("newest")
      for (const value of [1, 2, 3]) yield* save(value)
      assert.strictEqual(yield* checkpointIn("newest").newest, 3)
      assert.lengthOf(readdirSync(join(scratch, "newest")), 2)
    })
  )

  it.effect("does not replace the newest by the next one, so that a kill while it is written loses nothing", () =>
    Effect.gen(function* () {
      const first = checkpointIn("turns")
      for (const value of [1, 2]) yield* first.save(value)
      const second = checkpointIn("turns")
      yield* second.newest
      yield* second.save(3)
      const { newest } = checkpointIn("turns")
      assert.strictEqual(yield* newest, 3)
      yield* removeCheckpoints(join(scratch, "turns"))
      assert.isUndefined(yield* newest)
    })
  )

  it.effect("that is damaged is left for the one before it, with a warning that names it", () =>
    Effect.gen(function* () {
      const { save } = checkpointIn("damaged")
      yield* save(1)
      yield* save(2)
      const files = readdirSync(join(scratch, "damaged")).sort()
      flipByte(join(scratch, "damaged", files[1]!), 70)
      const { value, warnings } = yield* collectWarnings(checkpointIn("damaged").newest)
      assert.strictEqual(value, 1)
      assert.deepStrictEqual(
        warnings.map(({ file }) => file),
        [join(scratch, "damaged", files[1]!)]
      )
    })
  )

  it.effect("of something else is not taken, and its fingerprint not asked for where there is none of its kind", () =>
    Effect.gen(function* () {
      yield* checkpointIn("other").save(1)
      assert.isUndefined(yield* checkpointIn("other", "c".repeat(64)).newest)
      mkdirSync(join(scratch, "empty"))
      writeFileSync(join(scratch, "empty", "a.sums"), "")
      const asked = Effect.die(new Error("asked for"))
      assert.isUndefined(yield* makeCheckpoint(join(scratch, "empty"), asked, numbers).newest)
    })
  )

  it.effect("is not written where what comes before it fails, as where an input has changed", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "changed")
      const changed = new Error("an input has changed")
      const { save, newest } = makeCheckpoint(folder, Effect.succeed(fingerprints), numbers, Effect.fail(changed))
      assert.strictEqual(yield* Effect.flip(save(1)), changed)
      assert.isUndefined(yield* newest)
    })
  )

  it.effect("that cannot be written is an error that names it and says what to do", () =>
    Effect.gen(function* () {
      writeFileSync(join(scratch, "file"), "")
      const error = yield* Effect.flip(checkpointIn("file/below").save(1))
      assert.strictEqual(error._tag, "CheckpointNotWritten")
      assert.match(error.message, /below.*checkpoint: false/s)
    })
  )
})
