import { assert, describe, it } from "@effect/vitest"
import { isInputOfNohup } from "../../src/runtime/nohup.js"

const info = (flags: string) => `pos:\t0\nflags:\t${flags}\nmnt_id:\t24\nino:\t5\n`

describe("nohup", () => {
  it("is told by a standard input that is /dev/null and can only be written to", () => {
    assert.isTrue(isInputOfNohup("/dev/null", info("0100001")))
    assert.isFalse(isInputOfNohup("/dev/null", info("0100000")))
    assert.isFalse(isInputOfNohup("/dev/null", info("0100002")))
    assert.isFalse(isInputOfNohup("/dev/pts/1", info("0100001")))
    assert.isFalse(isInputOfNohup("/dev/null", "flags:\tnone"))
  })
})
