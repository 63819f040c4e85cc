import { assert, describe, it } from "@effect/vitest"
import { explainShortage } from "../../src/cli/systemShortage.ts"

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
