import { gunzipSync, inflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { gzipPieces } from "../../../src/imaging/nifti/gzipPieces.ts"

/** The file, whose pieces are copied as they come. */
const compressedFile = (pieces: Iterable<Uint8Array>): Buffer =>
  Buffer.concat(Array.from(gzipPieces(pieces), (piece) => Buffer.from(piece)))

describe("gzipPieces", () => {
  it("makes one member that holds the pieces one after the other, also where they share their memory", () => {
    const piece = fc.uint8Array({ minLength: 1, maxLength: 3000 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const memory = new Uint8Array(3000)
        function* shared() {
          for (const own of pieces) {
            memory.set(own)
            yield memory.subarray(0, own.length)
          }
        }
        const compressed = compressedFile(shared())
        assert.deepStrictEqual(gunzipSync(compressed), Buffer.concat(pieces))
        // Between a header of ten bytes and checksum and length is one deflate stream, which holds all.
        assert.deepStrictEqual(inflateRawSync(compressed.subarray(10, -8)), Buffer.concat(pieces))
        assert.strictEqual(compressed.readUInt32LE(compressed.length - 4), Buffer.concat(pieces).length)
      }),
      { seed: 3, numRuns: 100 }
    )
  })

  it("asks for a piece only when the one before has been taken", () => {
    let made = 0
    function* counted() {
      for (; made < 5; made++) yield Uint8Array.of(made)
    }
    const compressed = gzipPieces(counted())
    compressed.next()
    assert.strictEqual(made, 0)
    compressed.next()
    compressed.next()
    assert.strictEqual(made, 1)
  })

  it("takes out runs of zeros as the compression of whole files does", () => {
    const volume = new Uint8Array(400_000)
    for (let n = 0; n < 100_000; n++) volume[100_000 + n] = (n * 7919) % 251
    const compressed = compressedFile([volume, volume])
    assert.isBelow(compressed.length, 250_000)
  })
})
