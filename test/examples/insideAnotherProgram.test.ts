import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { filesIn } from "../support/folderContent.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionCentres, lesionName, writeTinyStudy } from "../support/tinyStudy.ts"

describe("the example that runs inside of another program", () => {
  const folder = scratchFolder()

  it("uses that program's progress, files and findings, and writes nothing to disk", async () => {
    const { folder: study } = await writeTinyStudy(folder, { subjects: 5 })
    const before = filesIn(study)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(repository, "examples/insideAnotherProgram.ts"), join(study, "connectome"), join(study, "lesions")],
      { cwd: study }
    )
    const lines = stdout.trim().split("\n")
    assert.strictEqual(lines[0], `${lesionCentres.length} lesions, 5 subjects`)
    assert.strictEqual(lines.filter((line) => line === "a lesion is done").length, lesionCentres.length)
    for (const n of [1, 2, 3, 4]) {
      const line = lines.find((text) => text.startsWith(lesionName(`00${n}`)))
      assert.match(line!, /: t up to \d+\.\d$/)
    }
    // Two maps a lesion and the connectome's degree, with their sidecars; summary, manifest and three files that describe the folder, one more sidecar.
    assert.strictEqual(lines.at(-1), `${2 * 2 * 4 + 2 + 6} files, 9 maps`)
    assert.deepStrictEqual(filesIn(study), before)
  })
})
