import { createHash } from "node:crypto"
import { readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Checksums } from "../../src/output/Checksums.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

describe("Checksums", () => {
  const folder = scratchFolder()
  const input = join(folder, "input.h5")
  const cache = join(folder, "cache/checksums.json")

  const checksum = Effect.gen(function* () {
    const checksums = yield* Checksums
    return (yield* checksums.of([input]))[0]!
  }).pipe(Effect.provide(Checksums.layer(join(folder, "cache"))))

  /** As if the file had been written a minute ago. */
  const later = TestClock.setTime(Date.now() + 60_000)

  it.effect("hashes a file, and remembers it once its time of change is settled", () =>
    Effect.gen(function* () {
      writeFileSync(input, "one")
      yield* TestClock.setTime(Date.now())
      assert.deepStrictEqual(yield* checksum, { path: input, bytes: 3, sha256: sha256("one") })
      assert.throws(() => readFileSync(cache))
      yield* later
      assert.strictEqual((yield* checksum).sha256, sha256("one"))
      assert.include(readFileSync(cache, "utf8"), sha256("one"))
    })
  )

  it.effect("takes what it remembers for an unchanged file, and hashes a changed one again", () =>
    Effect.gen(function* () {
      yield* later
      writeFileSync(cache, readFileSync(cache, "utf8").replace(sha256("one"), sha256("remembered")))
      assert.strictEqual((yield* checksum).sha256, sha256("remembered"))
      writeFileSync(input, "two")
      assert.strictEqual((yield* checksum).sha256, sha256("two"))
      // Also where size and time of modification are made to look the same.
      writeFileSync(input, "six")
      utimesSync(input, 0, 0)
      assert.strictEqual((yield* checksum).sha256, sha256("six"))
    })
  )

  it.effect("does without a cache that is damaged or cannot be written", () =>
    Effect.gen(function* () {
      yield* later
      writeFileSync(cache, "{ no json")
      assert.strictEqual((yield* checksum).sha256, sha256("six"))
      writeFileSync(join(folder, "file"), "")
      const record = yield* Effect.flatMap(Checksums, (checksums) => checksums.of([input])).pipe(
        Effect.provide(Checksums.layer(join(folder, "file/below")))
      )
      assert.strictEqual(record[0]!.sha256, sha256("six"))
    })
  )

  it.effect("fails with the file where an input has gone", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flatMap(Checksums, (checksums) => checksums.of([join(folder, "gone.h5")])).pipe(
        Effect.provide(Checksums.layer(join(folder, "cache"))),
        Effect.flip
      )
      assert.include(error.message, "gone.h5")
    })
  )
})
