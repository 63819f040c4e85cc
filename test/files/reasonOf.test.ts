import { assert, describe, it } from "@effect/vitest"
import { ConnectomeUnreadable } from "../../src/connectome/Connectome.ts"
import { reasonOf, shortageOf } from "../../src/files/reasonOf.ts"

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
    assert.strictEqual(reasonOf(undefined), "undefined")
  })
})

describe("shortageOf", () => {
  it("finds what is short behind a failure, and nothing behind others", () => {
    const deep = new Error("reading failed", { cause: new Error("x", { cause: { code: "EMFILE" } }) })
    for (const cause of [{ code: "EMFILE" }, new Error("Worker initialization failure: EMFILE"), deep]) {
      assert.include(shortageOf(cause), "`ulimit -n`")
    }
    const itself: { cause?: unknown } = {}
    itself.cause = itself
    for (const cause of [{ code: "ENOENT" }, new Error("damaged"), undefined, null, "text", itself]) {
      assert.isUndefined(shortageOf(cause))
    }
  })

  it("is told instead of a file that is not to blame", () => {
    const error = new ConnectomeUnreadable({
      file: "a.h5",
      subject: "a.h5[0]",
      problem: "time points 0 to 9 cannot be read",
      remedy: "The file is damaged; copy it again.",
      cause: new Error("Worker initialization failure: EMFILE")
    })
    assert.match(
      error.message,
      /^a\.h5: subject a\.h5\[0\]: too many files are open.*`ulimit -n`\. The file is not to blame\.$/
    )
  })
})
