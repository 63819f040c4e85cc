import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hashSampled, hashWhole, samplesOf } from "../../src/output/hashInput.ts"
import type { InputRecord } from "../../src/output/InputRecord.ts"
import { writeAt } from "../support/damage.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const [kib, mib] = [2 ** 10, 2 ** 20]

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** A file of a size, with text at some positions and zeros elsewhere. */
const fileOf = (name: string, bytes: number, text: Readonly<Record<number, string>> = {}): string => {
  const file = join(scratch, name)
  writeFileSync(file, "")
  truncateSync(file, bytes)
  for (const [position, content] of Object.entries(text)) writeAt(file, Number(position), content)
  return file
}

const withoutPath = ({ path, ...record }: InputRecord) => record

describe("hashSampled", () => {
  it.effect("hashes files of up to 16 MiB whole", () =>
    Effect.gen(function* () {
      for (const bytes of [0, 5, 16 * mib]) {
        const file = fileOf("small", bytes, bytes > 4 ? { [bytes - 2]: "x" } : {})
        assert.deepStrictEqual(yield* hashSampled(file), {
          path: file,
          bytes,
          method: "sha256",
          sha256: sha256(readFileSync(file))
        })
        assert.deepStrictEqual(yield* hashSampled(file), yield* hashWhole(file))
      }
    })
  )

  it.effect("of larger ones hashes the first and last MiB, and 64 KiB from each 8 MiB on", () =>
    Effect.gen(function* () {
      const bytes = 33 * mib + 70 * kib
      const file = fileOf("large", bytes, { 3: "head", [8 * mib]: "first", [16 * mib + 64 * kib - 1]: "xx" })
      const content = readFileSync(file)
      const samples = [
        content.subarray(0, mib),
        ...[8, 16, 24, 32].map((at) => content.subarray(at * mib, at * mib + 64 * kib)),
        content.subarray(bytes - mib)
      ]
      assert.deepStrictEqual(yield* hashSampled(file), {
        path: file,
        bytes,
        method: "sha256-sampled",
        hash: sha256(Buffer.concat(samples)),
        bytes_hashed: 2 * mib + 4 * 64 * kib
      })
    })
  )

  it("takes samples by the size alone, in order, none over another, and none farther than 8 MiB from the next", () => {
    for (const size of [16 * mib + 1, 17 * mib, 24 * mib + 1, 25 * mib + 64 * kib - 1, 1000 * mib + 7]) {
      const samples = [...samplesOf(size)]
      let end = 0
      for (const { position, bytes } of samples) {
        assert.isAtLeast(position, end)
        assert.isBelow(position - end, 8 * mib)
        end = position + bytes
      }
      assert.strictEqual(end, size)
      assert.isBelow(samples.length, 3 + size / (8 * mib))
    }
  })

  it.effect("is the same for a copy of another name and time, and another where a stretch of 8 MiB is", () =>
    Effect.gen(function* () {
      const file = fileOf("original", 40 * mib)
      const copy = join(scratch, "copy")
      copyFileSync(file, copy)
      utimesSync(copy, 1, 1)
      const one = withoutPath(yield* hashSampled(file))
      assert.deepStrictEqual(withoutPath(yield* hashSampled(copy)), one)
      for (const start of [1, 2 * mib, 8 * mib + 1, 19 * mib, 31 * mib, 32 * mib]) {
        const changed = fileOf("changed", 40 * mib, { [start]: "y".repeat(8 * mib) })
        assert.notDeepEqual(withoutPath(yield* hashSampled(changed)), one, `from ${start}`)
      }
      // What lies between the samples alone is not noticed.
      const between = fileOf("between", 40 * mib, { [12 * mib]: "y".repeat(1000) })
      assert.deepStrictEqual(withoutPath(yield* hashSampled(between)), one)
      assert.notStrictEqual((yield* hashWhole(between)).sha256, (yield* hashWhole(file)).sha256)
    })
  )

  it.effect("says which file cannot be read, and reads no pipe and no device", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(hashSampled(join(scratch, "gone.h5")))
      assert.match(missing.message, /gone\.h5 could not be read for its checksum: there is no such file/)
      const pipe = join(scratch, "pipe")
      execFileSync("mkfifo", [pipe])
      for (const file of [pipe, "/dev/zero", scratch]) {
        assert.include((yield* Effect.flip(hashSampled(file))).message, "it is a ")
      }
    })
  )
})
