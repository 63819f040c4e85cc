import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type DatatypeName, datatypes } from "../../../src/imaging/nifti/NiftiDatatype.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { niftiBytes, temporaryFile } from "../../support/niftiBytes.ts"

/** Six numbers that each datatype holds, among them its extremes. */
const samples: { readonly [name in DatatypeName]: ReadonlyArray<number | bigint> } = {
  uint8: [0, 1, 127, 128, 254, 255],
  int8: [0, 1, -1, 127, -127, -128],
  int16: [0, 1, -1, 258, 32767, -32768],
  uint16: [0, 1, 258, 32767, 32768, 65535],
  int32: [0, 1, -1, 16909060, 2147483647, -2147483648],
  uint32: [0, 1, 16909060, 2147483647, 2147483648, 4294967295],
  int64: [0n, -1n, 4294967296n, -4294967297n, 9007199254740993n, -9223372036854775808n],
  uint64: [0n, 1n, 4294967295n, 9007199254740993n, 9223372036854775809n, 18446744073709551615n],
  float32: [0, -1.5, Math.fround(0.1), Number.NaN, Infinity, -Infinity],
  float64: [0, -1.5, 0.1, Number.NaN, Number.MAX_VALUE, Number.MIN_VALUE],
  float128: [0, -1.5, 0.1, Number.NaN, -Infinity, Number.MAX_VALUE]
}

const refusal = (bytes: Uint8Array) =>
  temporaryFile("volume.nii.gz", bytes).pipe(
    Effect.flatMap(readVolume),
    Effect.match({ onFailure: (error) => `${error._tag}: ${error.message}`, onSuccess: () => "" })
  )

/** Numbers that compress badly, so that a file cut short has lost voxels. */
const noise = Array.from({ length: 1000 }, (_, n) => Math.sin(n * n))

describe("readVolume", () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const byteOrder = littleEndian ? "little" : "big"
      it.effect(`gives back the numbers of every datatype, NIfTI-${version}, ${byteOrder}-endian, gzip or not`, () =>
        Effect.gen(function* () {
          for (const datatype of Object.keys(datatypes) as ReadonlyArray<DatatypeName>) {
            const stored = samples[datatype]
            const bytes = niftiBytes({ version, littleEndian, datatype, dims: [1, 2, 3], stored })
            for (const content of [bytes, gzipSync(bytes)]) {
              const { values } = yield* readVolume(yield* temporaryFile("volume.nii", content))
              assert.deepStrictEqual([...values], stored.map(Number), datatype)
            }
          }
        }).pipe(Effect.scoped)
      )
    }
  }

  it.effect("scales every datatype by slope and intercept", () =>
    Effect.gen(function* () {
      for (const datatype of Object.keys(datatypes) as ReadonlyArray<DatatypeName>) {
        const stored = [0, 1, 2, 3, 4, 100]
        const bytes = niftiBytes({ datatype, dims: [1, 2, 3], stored, slope: 0.25, inter: -2 })
        const { values } = yield* readVolume(yield* temporaryFile("volume.nii", bytes))
        assert.deepStrictEqual([...values], [-2, -1.75, -1.5, -1.25, -1, 23])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("takes a 4D file with one volume, and refuses one with five by its shape", () =>
    Effect.gen(function* () {
      const one = niftiBytes({ dims: [2, 2, 2, 1], stored: [1, 2, 3, 4, 5, 6, 7, 8] })
      const { header, values } = yield* readVolume(yield* temporaryFile("one.nii", one))
      assert.deepStrictEqual(header.dims, [2, 2, 2])
      assert.strictEqual(values.length, 8)
      const message = yield* refusal(niftiBytes({ dims: [2, 2, 2, 5] }))
      assert.include(message, "NotASingleVolume")
      assert.include(message, "2 × 2 × 2 × 5")
      assert.include(yield* refusal(niftiBytes({ dims: [2, 2, 2, 1, 3] })), "2 × 2 × 2 × 1 × 3")
    }).pipe(Effect.scoped)
  )

  it.effect("finds a gzip file cut short anywhere, and says how much there was", () =>
    Effect.gen(function* () {
      const compressed = gzipSync(niftiBytes({ dims: [10, 10, 10], stored: noise }))
      for (const share of [0.25, 0.5, 0.75, 0.99]) {
        const message = yield* refusal(compressed.subarray(0, Math.floor(compressed.length * share)))
        assert.match(message, /^InvalidNifti: .*the file is truncated, after [1-9]\d* of 4352 bytes/)
      }
      // All voxels are there, their checksum is not.
      assert.include(yield* refusal(compressed.subarray(0, compressed.length - 3)), "after 4352 of 4352 bytes")
    }).pipe(Effect.scoped)
  )

  it.effect("finds a gzip file that is complete but holds too few voxels", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ dims: [10, 10, 10], stored: noise })
      assert.include(yield* refusal(gzipSync(bytes.subarray(0, 2000))), "truncated, after 2000 of 4352 bytes")
    }).pipe(Effect.scoped)
  )

  it.effect("finds damage in the middle and a checksum that does not match", () =>
    Effect.gen(function* () {
      const compressed = gzipSync(niftiBytes({ dims: [10, 10, 10], stored: noise }), { level: 0 })
      const flipped = Uint8Array.from(compressed)
      flipped[2000]! ^= 1
      assert.include(yield* refusal(flipped), "incorrect data check")
      const long = Array.from({ length: 8000 }, (_, n) => Math.sin(n * n))
      const damaged = gzipSync(niftiBytes({ dims: [20, 20, 20], stored: long })).fill(0xff, 20000, 20100)
      assert.match(yield* refusal(damaged), /damaged gzip data .* of 32352 bytes/)
    }).pipe(Effect.scoped)
  )

  it.effect("does not mind what follows the voxels", () =>
    Effect.gen(function* () {
      const bytes = Buffer.concat([niftiBytes({ dims: [10, 10, 10], stored: noise }), Buffer.alloc(5000, 7)])
      for (const content of [bytes, gzipSync(bytes), Buffer.concat([gzipSync(bytes), Buffer.alloc(1000)])]) {
        const { values } = yield* readVolume(yield* temporaryFile("volume.nii", content))
        assert.deepStrictEqual([...values], noise.map(Math.fround))
      }
    }).pipe(Effect.scoped)
  )
})
