import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { blocksOf, pageOf } from "../docs/pages.ts"
import { filesIn } from "../support/folderContent.ts"
import { writeCohort } from "../support/madeUpCohort.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const example = join(repository, "examples/symptomContrast.ts")

describe("the program of a group's analysis in docs/library.md", () => {
  const folder = scratchFolder()

  it("is the example, but for where it imports from", () => {
    const source = readFileSync(example, "utf8")
    const program = source.slice(source.indexOf("*/") + 3).replace("../src/index.ts", "lesion-network-mapping")
    assert.include(
      blocksOf(pageOf("docs/library.md")).map(({ code }) => code),
      program
    )
  })

  it("finds where patients with the symptom differ, and writes nothing to disk", { timeout: 60_000 }, async () => {
    writeCohort(folder, { patients: 40 })
    const before = filesIn(folder)
    const args = [example, join(folder, "maps.tsv"), join(folder, "participants.tsv"), "aphasia"]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
    const [first, second] = stdout.trim().split("\n")
    // 1 of 1,001: no other order of the patients has so large a t anywhere.
    assert.strictEqual(first, "40 patients (0: 20, 1: 20), smallest corrected p 0.0010")
    const [, positive, negative] = /^(\d+) voxels above and (\d+) below 0, in \d+ files$/.exec(second!)!
    assert.isAtLeast(Number(positive), 36)
    assert.isAtMost(Number(positive) + Number(negative), 42)
    assert.deepStrictEqual(filesIn(folder), before)
  })
})
