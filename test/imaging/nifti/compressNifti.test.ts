import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { compressNifti, likelyCompressedBytes } from "../../../src/imaging/nifti/compressNifti.ts"
import { gzipNifti } from "../../../src/imaging/nifti/gzipNifti.ts"

const gridVoxels = 200_000
const brainVoxels = 30_000

/** A volume of noise in runs of ten voxels on its background, as bytes. */
const volumeOf = (background: number): Uint8Array => {
  const volume = new Float32Array(gridVoxels).fill(background)
  for (let v = 0; v < brainVoxels; v++) volume[50 * Math.floor(v / 10) + (v % 10)] = Math.sin(v * v)
  return new Uint8Array(volume.buffer)
}

describe("compressNifti", () => {
  it.effect("gives the bytes that are compressed outside the main thread, whatever is hinted for their number", () =>
    Effect.gen(function* () {
      for (const background of [0, 1]) {
        const bytes = volumeOf(background)
        for (const likelyBytes of [0, 100_000, 300_000]) {
          const compressed = compressNifti(bytes, { background, likelyBytes })
          assert.deepStrictEqual(new Uint8Array(gunzipSync(compressed)), bytes)
          assert.deepStrictEqual(yield* gzipNifti(bytes, { background, likelyBytes: 100_000 }), compressed)
        }
      }
    })
  )

  it("finds the runs of a background of 1 as it does those of 0", () => {
    const [zeros, ones] = [0, 1].map((background) => compressNifti(volumeOf(background), { background }).length)
    assert.isBelow(ones!, 1.3 * zeros!)
    assert.isBelow(zeros!, 1.1 * brainVoxels * Float32Array.BYTES_PER_ELEMENT)
  })

  it("takes no more than was likely, in one piece and in memory that is its own", () => {
    for (const background of [0, 1]) {
      const bytes = volumeOf(background)
      const likelyBytes = likelyCompressedBytes(bytes.length, brainVoxels)
      const compressed = compressNifti(bytes, { background, likelyBytes })
      assert.strictEqual(compressed.buffer.byteLength, likelyBytes)
      structuredClone(compressed, { transfer: [compressed.buffer] })
      assert.strictEqual(compressed.length, 0)
    }
    const small = compressNifti(new Uint8Array(20))
    structuredClone(small, { transfer: [small.buffer] })
    assert.strictEqual(small.length, 0)
  })
})
