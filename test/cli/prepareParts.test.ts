/** A preparation in parts: the store of a whole one, to the byte; and a merge that says which subjects are missing. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { makeStoreIn, writePrepareConfig } from "../support/preparedStores.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const source = { source: { path: "connectome" }, compute: { workers: 1 } }

let study: TinyStudy
let whole: string

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 11, files: 3 })
  whole = await makeStoreIn(study.folder, "whole", source)
})

const part = (config: string, which: string) => lnmHere(["run", config, "--part", which, "--progress", "off"])
const merge = (config: string) => lnmHere(["merge", config, "--progress", "off"])

describe("a preparation in parts", () => {
  for (const parts of [1, 3, 11]) {
    it(`of ${parts} gives the bytes of a whole one`, { timeout: 60_000 }, async () => {
      const config = writePrepareConfig(study.folder, `parts-${parts}`, source)
      for (let number = parts; number >= 1; number--) {
        const { code, stderr } = await part(config, `${number}/${parts}`)
        assert.strictEqual(code, 0, stderr)
      }
      const again = await part(config, `1/${parts}`)
      assert.include(again.stdout, "of them were already")
      await lnmHereSucceeds(["merge", config, "--progress", "off"])
      assert.deepStrictEqual(contentOf(join(study.folder, `parts-${parts}.zarr`)), contentOf(whole))
    })
  }

  it("is not merged while subjects are missing, and names them; a plain run does the rest", {
    timeout: 60_000
  }, async () => {
    const config = writePrepareConfig(study.folder, "some", source)
    await part(config, "1/3")
    const merged = await merge(config)
    assert.strictEqual(merged.code, 2)
    assert.match(merged.stderr, /\d+ subject\(s\) are not stored yet: .* and \d|are not stored yet: /)
    assert.isFalse(existsSync(join(study.folder, "some.zarr")))
    await lnmHereSucceeds(["run", config, "--progress", "off"])
    assert.deepStrictEqual(contentOf(join(study.folder, "some.zarr")), contentOf(whole))
  })

  it("refuses more parts than subjects, and --fresh", async () => {
    const config = writePrepareConfig(study.folder, "refused", source)
    assert.include((await part(config, "1/12")).stderr, "Ask for 11 at most")
    const fresh = await lnmHere(["run", config, "--part", "1/3", "--fresh", "--progress", "off"])
    assert.strictEqual(fresh.code, 2)
    assert.include(fresh.stderr, "what other parts have stored")
  })
})
