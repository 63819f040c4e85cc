import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { makeFolder } from "../../src/files/makeFolder.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const failure = (folder: string): Promise<string | undefined> =>
  makeFolder(folder).then(
    () => undefined,
    (cause: NodeJS.ErrnoException) => cause.code
  )

describe("makeFolder", () => {
  const folder = scratchFolder()

  it("makes missing folders, also when asked for several of them side by side", async () => {
    for (let round = 0; round < 20; round++) {
      const below = join(folder, `round-${round}`, "sub-01", "ses-02")
      await Promise.all([below, join(below, "deeper"), below, join(below, "other")].map(makeFolder))
      assert.isTrue(statSync(join(below, "other")).isDirectory())
    }
  })

  it("fails where a file is in the way, and where a file system lets nobody make folders", async () => {
    writeFileSync(join(folder, "file"), "")
    assert.strictEqual(await failure(join(folder, "file")), "EEXIST")
    assert.strictEqual(await failure(join(folder, "file", "below")), "ENOTDIR")
    assert.strictEqual(await failure("/proc/no-such-folder/below"), "ENOENT")
  })
})
