import { assert, describe, it } from "@effect/vitest"
import { hasControlCharacter, printable, printableLines } from "../../src/runtime/printable.ts"

describe("printable", () => {
  it("writes control characters, and those that turn the direction of writing, as escapes", () => {
    assert.strictEqual(printable("a\tb\nc\rd"), "a\\tb\\nc\\rd")
    assert.strictEqual(printable("\u001b[31mred\u007f\u009b"), "\\x1b[31mred\\x7f\\x9b")
    assert.strictEqual(printable("gz.\u202eiin"), "gz.\\u202eiin")
    assert.isTrue(hasControlCharacter("a\u0000"))
  })

  it("leaves every other text as it is", () => {
    for (const text of ["L\u00e4sion #1 {a} [b]", "\u60a3\u8005", "\u{1F9E0}", "\u0646\u200c\u0647", "C:\\x"]) {
      assert.strictEqual(printable(text), text)
      assert.isFalse(hasControlCharacter(text))
    }
  })

  it("keeps the lines of a message apart", () => {
    assert.strictEqual(printableLines("a\u0007\n  b"), "a\\x07\n  b")
  })
})
