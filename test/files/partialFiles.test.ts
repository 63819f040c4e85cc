import { mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { asideBytes, asideOfProcess, isAside, removeAsides } from "../../src/files/partialFiles.ts"
import { filesIn } from "../support/folderContent.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

describe("files aside", () => {
  it("are known again by their names, and no others are", () => {
    const aside = basename(asideOfProcess("/maps/sub-1_statmap.nii.gz"))
    assert.isTrue(isAside(aside))
    assert.isAtMost(aside.length - "sub-1_statmap.nii.gz".length, asideBytes)
    for (const name of ["a.partial-1", ".partial-1", ".a.partial", ".a.partial-1x", ".a.nii.gz", "a"]) {
      assert.isFalse(isAside(name), name)
    }
  })

  it("are removed from a folder, and nothing else is", async () => {
    const folder = join(scratch, "maps")
    mkdirSync(join(folder, ".folder.partial-1"), { recursive: true })
    mkdirSync(join(folder, "below"))
    const kept = [".hidden", "a.partial-12", "below/.a.partial-12", "map.nii.gz"]
    for (const name of [...kept, ".a.partial-12", `.b.json.partial-${process.pid}`]) {
      writeFileSync(join(folder, name), "")
    }
    await removeAsides(folder)
    assert.deepStrictEqual(filesIn(folder), kept)
    await removeAsides(join(scratch, "none"))
  })
})
