import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readLabelText } from "../../../src/parcellations/labels/readLabelText.ts"
import { temporaryFile, temporaryFolder } from "../../support/niftiBytes.ts"

const read = (bytes: Uint8Array | string) => Effect.flatMap(temporaryFile("labels.txt", bytes), readLabelText)

const problem = (bytes: Uint8Array | string) => Effect.map(Effect.flip(read(bytes)), ({ message }) => message)

const utf16 = (text: string, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(2 * text.length)
  for (let n = 0; n < text.length; n++) new DataView(bytes.buffer).setUint16(2 * n, text.charCodeAt(n), littleEndian)
  return bytes
}

describe("readLabelText", () => {
  it.effect("reads UTF-8 and UTF-16 with their marks, and the encoding that an XML declares", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* read("\uFEFF1 Öl\n"), "1 Öl\n")
      for (const littleEndian of [true, false]) {
        assert.strictEqual(yield* read(utf16("\uFEFF1 Öl\n", littleEndian)), "1 Öl\n")
      }
      const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Öl</a>'
      assert.strictEqual(yield* read(Buffer.from(xml, "latin1")), xml)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses what is no text in its encoding, what is no file, and what is not there", () =>
    Effect.gen(function* () {
      assert.include(yield* problem(Buffer.from("1 Öl\n", "latin1")), "its bytes are not text in UTF-8. Save it as")
      assert.include(yield* problem(utf16("1 A\n", true)), "UTF-16 without its mark")
      assert.include(yield* problem(new Uint8Array(2 ** 22 + 1)), "4194305 bytes, more than any list of names")
      assert.include((yield* Effect.flip(readLabelText(yield* temporaryFolder))).message, "it is not a file")
      const missing = `${yield* temporaryFolder}/none.txt`
      assert.include((yield* Effect.flip(readLabelText(missing))).message, `${missing}: there is no such file`)
    }).pipe(Effect.scoped)
  )
})
