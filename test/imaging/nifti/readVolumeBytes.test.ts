import { writeFile } from "node:fs/promises"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readNiftiHeader } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { readVolumeBytes } from "../../../src/imaging/nifti/readVolumeBytes.ts"
import { releaseMemory } from "../../../src/imaging/releaseMemory.ts"
import { niftiBytes, temporaryFile } from "../../support/niftiBytes.ts"

const dims = [40, 30, 20]

/** Bytes that gzip hardly makes shorter. */
const noise = Array.from({ length: 24_000 }, (_, n) => (n * n * 2_654_435_761) % 251)

const read = (content: Uint8Array) =>
  Effect.gen(function* () {
    const header = yield* readNiftiHeader(yield* temporaryFile("volume.nii.gz", content))
    return yield* readVolumeBytes(header)
  })

describe("readVolumeBytes", () => {
  it.effect("gives the same bytes of small and large files, gzip or not, wherever the voxels start", () =>
    Effect.gen(function* () {
      for (const voxOffset of [352, 357, 100_000]) {
        const bytes = niftiBytes({ datatype: "uint8", dims, stored: noise, voxOffset })
        // A file of more than half a megabyte is not inflated whole.
        const large = Buffer.concat([bytes, Buffer.from(Float64Array.from({ length: 1e5 }, Math.random).buffer)])
        for (const content of [bytes, gzipSync(bytes), gzipSync(large), gzipSync(bytes, { level: 0 })]) {
          assert.deepStrictEqual([...(yield* read(content))], noise)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("gives memory that can be released without anything else losing its own", () =>
    Effect.gen(function* () {
      const content = gzipSync(niftiBytes({ datatype: "uint8", dims: [2, 1, 1], stored: [1, 2] }))
      const others = Array.from({ length: 20 }, () => Buffer.allocUnsafe(100).fill(7))
      releaseMemory(yield* read(content))
      assert.isTrue(others.every((other) => other.length === 100 && other[99] === 7))
      assert.deepStrictEqual([...(yield* read(content))], [1, 2])
    }).pipe(Effect.scoped)
  )

  it.effect("says what is wrong with a file that has changed since its header was read", () =>
    Effect.gen(function* () {
      const content = gzipSync(niftiBytes({ datatype: "uint8", dims, stored: noise }))
      const file = yield* temporaryFile("volume.nii.gz", content)
      const header = yield* readNiftiHeader(file)
      yield* Effect.promise(() => writeFile(file, content.subarray(0, content.length / 2)))
      const error = yield* Effect.flip(readVolumeBytes(header))
      assert.match(error.message, /the file is truncated, after \d+ of 24352 bytes/)
    }).pipe(Effect.scoped)
  )

  it.effect("finds what follows the gzip data, and is no more of it", () =>
    Effect.gen(function* () {
      const content = gzipSync(niftiBytes({ datatype: "uint8", dims, stored: noise }))
      const error = yield* Effect.flip(read(Buffer.concat([content, Buffer.from("<html>")])))
      assert.match(error.message, /damaged gzip data/)
    }).pipe(Effect.scoped)
  )
})
