import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Grid } from "../../../src/imaging/Grid.ts"
import { gzipNifti } from "../../../src/imaging/nifti/gzipNifti.ts"
import { readNiftiHeader, volumesOf } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { temporaryFile } from "../../support/niftiBytes.ts"

const grid: Grid = { shape: [2, 3, 4], affine: [-2, 0, 0, 90, 0, 2.5, 0, -126, 0, 0, 3, -72, 0, 0, 0, 1] }
const ramp = (length: number) => Array.from({ length }, (_, n) => n)

describe("encodeNifti", () => {
  it.effect("writes what readVolume gives back, on the same grid", () =>
    Effect.gen(function* () {
      for (const values of [
        Float32Array.from(ramp(24), Math.sin),
        Uint8Array.from(ramp(24)),
        Int16Array.from(ramp(24))
      ]) {
        const encoded = encodeNifti({ grid, values })
        for (const bytes of [encoded, yield* gzipNifti(encoded)]) {
          const volume = yield* readVolume(yield* temporaryFile("map.nii.gz", bytes))
          assert.deepStrictEqual([...volume.values], [...values])
          assert.deepStrictEqual(volume.header.grid, grid)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("writes time series with their repetition time", () =>
    Effect.gen(function* () {
      const values = Int16Array.from(ramp(24 * 5))
      const bytes = encodeNifti({ grid, values, timePoints: 5, repetitionTimeSeconds: 3 })
      const header = yield* readNiftiHeader(yield* temporaryFile("bold.nii", bytes))
      assert.strictEqual(volumesOf(header), 5)
      const view = new DataView(bytes.buffer)
      assert.deepStrictEqual(
        [0, 1, 2, 3, 4].map((n) => view.getFloat32(76 + 4 * n, true)),
        // qfac first: the grid's first axis goes to the left.
        [-1, 2, 2.5, 3, 3]
      )
      assert.strictEqual(view.getUint8(123), 2 | 8)
    }).pipe(Effect.scoped)
  )

  it("says what the numbers mean, and cuts texts where their fields end", () => {
    const bytes = encodeNifti({
      grid,
      values: new Uint8Array(24),
      description: "ü".repeat(60),
      intent: { code: 3, parameters: [999], name: "T" }
    })
    const view = new DataView(bytes.buffer)
    assert.strictEqual(view.getInt16(68, true), 3)
    assert.strictEqual(view.getFloat32(56, true), 999)
    assert.strictEqual(view.getUint8(328), "T".charCodeAt(0))
    assert.strictEqual(new TextDecoder().decode(bytes.subarray(148, 228)), `${"ü".repeat(39)}\0\0`)
    assert.deepStrictEqual([view.getInt16(252, true), view.getInt16(254, true)], [2, 2])
  })

  it("does not write values that do not fill the grid", () => {
    assert.throws(() => encodeNifti({ grid, values: new Uint8Array(23) }), /23 values for 1 volume.*2 × 3 × 4/)
    assert.throws(() => encodeNifti({ grid, values: new Uint8Array(24), timePoints: 2 }), /24 values for 2 volume/)
  })
})

describe("gzipNifti", () => {
  it.effect("gives the same bytes each time, without time stamp or operating system", () =>
    Effect.gen(function* () {
      const encoded = encodeNifti({ grid, values: Float32Array.from(ramp(24), Math.sin) })
      const [first, second] = [yield* gzipNifti(encoded), yield* gzipNifti(encoded)]
      assert.deepStrictEqual(first, second)
      assert.deepStrictEqual([...first.subarray(0, 8)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
      assert.strictEqual(first[9], 255)
      assert.deepStrictEqual(new Uint8Array(gunzipSync(first)), encoded)
    })
  )
})
