/** What the system does not let a command see, by links that go in a circle, which stop root too: told in plain words, exit code 2. */
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const refused = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr } = await lnmHere(args)
  assert.strictEqual(code, 2, stderr)
  assert.notInclude(stderr, "fault of lnm")
  return stderr
}

describe("what the system does not let a command see", () => {
  it("is not said to be missing by inspect, whatever it is", async () => {
    const link = join(scratch, "circle")
    symlinkSync("circle", link)
    assert.include(await refused("inspect", link), `${link}: its links lead in a circle`)
    assert.include(await refused("inspect", `${link}.zarr`), "there is no such file or folder")
    const folder = join(scratch, "folder")
    mkdirSync(folder)
    symlinkSync("manifest.json", join(folder, "manifest.json"))
    assert.include(
      await refused("inspect", folder),
      `${join(folder, "manifest.json")}: it is a link that leads to itself`
    )
  })

  it("is neither overwritten by lock nor taken for no output by run", async () => {
    const study = await writeTinyStudy(join(scratch, "study"), { subjects: 3 })
    await lnmHereSucceeds(["run", study.config, "--progress", "off"])
    const lock = join(scratch, "lock.json")
    symlinkSync("other.json", lock)
    symlinkSync("lock.json", join(scratch, "other.json"))
    assert.include(await refused("lock", study.output, "--to", lock), "no lock file of this version")
    const below = join(scratch, "below")
    symlinkSync("below", below)
    const told = await refused("lock", study.output, "--to", join(below, "lock.json"))
    assert.include(told, "it is a link that leads to itself")
  })
})
