import { crc32 } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { addWords, checksumOf } from "../../../src/connectome/store/storeChecksum.ts"
import { makeWorkbench, seeded } from "../../kernels/assembly/workbench.ts"

const bench = await makeWorkbench("fast")

/** The definition, word by word. */
const sumsOf = (words: Uint32Array): BigUint64Array => {
  const sums = new BigUint64Array(2)
  for (const word of words) {
    sums[0]! += BigInt(word)
    sums[1]! += sums[0]!
  }
  return sums
}

const randomWords = (count: number, seed: number): Uint32Array => {
  const random = seeded(seed)
  return Uint32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32))
}

const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

describe("the checksum of a store's chunk files", () => {
  it("is the CRC-32 of the two sums, whatever the number of words", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 1023, 1024, 1025, 5000]) {
      const words = randomWords(count, count + 1)
      assert.strictEqual(checksumOf(words), crc32(new Uint8Array(sumsOf(words).buffer)), `${count} words`)
    }
  })

  it("wraps at 2⁶⁴ where all bits are set", () => {
    const words = new Uint32Array(300_000).fill(2 ** 32 - 1)
    const sums = new BigUint64Array(2)
    addWords(bytesOf(words), sums)
    assert.deepStrictEqual(sums, sumsOf(words))
    assert.isAbove(300_000 * 300_001 * 0.5 * (2 ** 32 - 1), 2 ** 64)
  })

  it("comes out the same from the kernel and from the plain sums, in any pieces", () => {
    const random = seeded(5)
    for (let round = 0; round < 30; round++) {
      const words = randomWords(Math.floor(random() * 4000), round)
      bench.clear()
      const source = bench.int32(Math.max(1, words.length), new Int32Array(words.buffer))
      const place = bench.int32(4)
      const ofKernel = new BigUint64Array(place.view.buffer, place.at, 2)
      const plain = new BigUint64Array(2)
      for (let at = 0; at < words.length; ) {
        const count = Math.min(1 + Math.floor(random() * 1500), words.length - at)
        bench.kernels.wordSums(source.at + 4 * at, count, place.at)
        addWords(bytesOf(words.subarray(at, at + count)), plain)
        at += count
      }
      assert.deepStrictEqual(plain, sumsOf(words))
      assert.deepStrictEqual(BigUint64Array.from(ofKernel), plain)
    }
  })

  it("changes with every bit, and with the order of words", () => {
    const words = randomWords(64, 9)
    const whole = checksumOf(words)
    for (let bit = 0; bit < 64 * 32; bit++) {
      const other = Uint32Array.from(words)
      other[bit >> 5]! ^= 1 << (bit & 31)
      assert.notStrictEqual(checksumOf(other), whole, `bit ${bit}`)
    }
    for (let i = 1; i < words.length; i++) {
      const other = Uint32Array.from(words)
      ;[other[0], other[i]] = [words[i]!, words[0]!]
      assert.notStrictEqual(checksumOf(other), whole, `word ${i}`)
    }
  })
})
