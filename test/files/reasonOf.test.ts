import { assert, describe, it } from "@effect/vitest"
import { reasonOf } from "../../src/files/reasonOf.ts"

describe("reasonOf", () => {
  it("says what helps, whether a file was written or read", () => {
    for (const doing of ["writing", "reading"] as const) {
      assert.include(reasonOf({ code: "EMFILE" }, doing), "`ulimit -n`")
      for (const code of ["ENFILE", "EIO", "ESTALE", "ENAMETOOLONG", "ETXTBSY", "ELOOP"]) {
        assert.notInclude(reasonOf({ code, message: "raw" }, doing), "raw")
      }
    }
    assert.strictEqual(reasonOf({ code: "EACCES" }), "you may not write there")
    assert.strictEqual(reasonOf({ code: "EACCES" }, "reading"), "you may not read it")
  })

  it("gives the first line of what it does not know", () => {
    assert.strictEqual(reasonOf({ code: "EWHAT", message: "strange\n    at there" }), "strange")
    assert.strictEqual(reasonOf(new Error("it is a pipe")), "it is a pipe")
    assert.strictEqual(reasonOf("text"), "text")
    assert.strictEqual(reasonOf({ code: "toString", message: "strange" }), "strange")
    assert.strictEqual(reasonOf(undefined), "undefined")
  })
})
