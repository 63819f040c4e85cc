import { assert, describe, it } from "@effect/vitest"
import { ConnectomeUnreadable } from "../../src/connectome/Connectome.ts"
import { explainShortage, shortageOf } from "../../src/files/shortage.ts"

const systemError = (code: string) => Object.assign(new Error(`${code}: open '/a'`), { code })

describe("explainShortage", () => {
  it("names the limit of open files or threads, also where it is the cause of another error", () => {
    assert.match(explainShortage(systemError("EMFILE")) ?? "", /EMFILE.+ulimit -n/)
    assert.match(explainShortage(systemError("ENFILE")) ?? "", /ENFILE/)
    assert.match(explainShortage(systemError("EAGAIN")) ?? "", /threads.+ulimit -u/)
    const wrapped = new Error("damaged; copy it again", {
      cause: new Error("unreadable", { cause: systemError("EMFILE") })
    })
    assert.match(explainShortage(wrapped) ?? "", /no file is at fault/)
  })

  it("says nothing of other errors, and ends where causes go in a circle", () => {
    const circle: Error = new Error("round")
    circle.cause = circle
    for (const error of [systemError("ENOENT"), circle, "EMFILE of no error", undefined]) {
      assert.isUndefined(explainShortage(error))
    }
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
