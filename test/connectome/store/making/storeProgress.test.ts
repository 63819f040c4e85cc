import { basename } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { journalFile, subjectFolder } from "../../../../src/connectome/store/making/storeProgress.ts"

describe("the names of a subject's files while a store is made", () => {
  it("are its id, with what a file name may not have escaped", () => {
    assert.strictEqual(journalFile("x", "sub-01_ses-2"), "x/progress/journal/sub-01_ses-2.json")
    assert.strictEqual(subjectFolder("x", "a/b c"), "x/progress/subjects/a%2Fb%20c")
  })

  it("are distinct and no longer than a disk takes, however long the id is", () => {
    const ids = ["\u65e5", "\u672c"].flatMap((letter) => [30, 31, 84].map((length) => letter.repeat(length)))
    const long = "sub-".padEnd(251, "x")
    const names = [...ids, long, `${long}y`].map((id) => basename(journalFile("x", id)))
    assert.strictEqual(new Set(names).size, names.length)
    for (const name of names) assert.isBelow(Buffer.byteLength(`${name}.partial`), 256)
  })
})
