/** Quoting, judged by shells: what they make of a quoted argument is the argument. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { shellQuoted } from "../../src/runtime/shellQuoted.ts"

const names = [
  "plain/maps-1_2.nii.gz",
  "with blanks and $(touch here) `id` $HOME",
  "it's \"quoted\" \\ twice''",
  "läsion/病变",
  "<b>&;|*?[a]{b}!#~",
  "=1+1",
  "a\\b"
]

/** Control characters: bash and zsh alone can write them on one line. */
const controls = ["line\nbreak", "tab\tand 'quote' and \\", "\u001b[31mred\u0007", "right\u202eleft"]

const heardBy = (shell: string, argument: string): string =>
  execFileSync(shell, ["-c", `printf %s ${argument}`], { encoding: "utf8" })

describe("shellQuoted", () => {
  it("gives a shell back what it was given", () => {
    for (const name of names) assert.strictEqual(heardBy("/bin/sh", shellQuoted(name, "linux")), name)
  })

  it.skipIf(!existsSync("/bin/bash"))("also control characters, which it shows as escapes", () => {
    for (const name of [...names, ...controls]) {
      const quoted = shellQuoted(name, "linux")
      assert.notMatch(quoted, /[\p{Cc}\p{Bidi_Control}]/u)
      assert.strictEqual(heardBy("/bin/bash", quoted), name)
    }
  })

  it("leaves plain paths as they are, and lets none be taken for an option", () => {
    assert.strictEqual(shellQuoted("/data/maps", "linux"), "/data/maps")
    assert.strictEqual(shellQuoted("-rf", "linux"), "./-rf")
    assert.strictEqual(shellQuoted("~", "linux"), "'~'")
  })

  it("takes double quotes on Windows", () => {
    assert.strictEqual(shellQuoted("C:\\data\\maps", "win32"), "C:\\data\\maps")
    assert.strictEqual(shellQuoted("C:\\my data", "win32"), '"C:\\my data"')
  })
})
