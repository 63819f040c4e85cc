import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { undoLzf } from "../../../src/connectome/hdf5/lzf.ts"

const undone = (bytes: ReadonlyArray<number>, length: number): string => {
  const into = new Uint8Array(length)
  undoLzf(Uint8Array.from(bytes), into)
  return new TextDecoder().decode(into)
}

const codes = (text: string) => [...new TextEncoder().encode(text)]

describe("undoLzf", () => {
  it("writes literals, near and far references, and references into what they write", () => {
    assert.strictEqual(undone([2, ...codes("abc")], 3), "abc")
    // Three bits of length and two more: 3 bytes from 2 before the end.
    assert.strictEqual(undone([2, ...codes("abc"), 1 << 5, 1], 6), "abcbcb")
    // A length of 7 takes another byte: 7 + 4 + 2 times the last letter.
    assert.strictEqual(undone([0, ...codes("x"), 7 << 5, 4, 0], 14), "x".repeat(14))
    const far = Array.from({ length: 20 }, () => [31, ...codes("0123456789abcdefghijklmnopqrstuv")]).flat()
    const distance = 600 - 1
    assert.strictEqual(undone([...far, (1 << 5) | (distance >> 8), distance & 255], 643).slice(-3), "89a")
  })

  it("throws on any damaged stream, and writes nowhere else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), (bytes, length) => {
        const into = new Uint8Array(length)
        try {
          undoLzf(bytes, into)
        } catch (error) {
          assert.match((error as Error).message, /lzf data is damaged, after \d+ bytes/)
        }
        assert.strictEqual(into.length, length)
      }),
      { seed: 4, numRuns: 2000 }
    )
    assert.throws(() => undone([2, 97], 3), /damaged/)
    assert.throws(() => undone([0, 97, 1 << 5, 200], 4), /damaged/)
    assert.throws(() => undone([0, 97], 2), /damaged, after 1 bytes/)
    assert.throws(() => undone([0, 97, 7 << 5], 4), /damaged/)
  })
})
