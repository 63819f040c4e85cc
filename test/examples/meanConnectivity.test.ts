import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

describe("the program of docs/library.md", () => {
  const folder = scratchFolder()
  const example = join(repository, "examples/meanConnectivity.ts")

  it("is the example, but for where it imports from", () => {
    const page = readFileSync(join(repository, "docs/library.md"), "utf8")
    const program = /```ts\n([\s\S]*?)```/.exec(page)![1]!
    const source = readFileSync(example, "utf8")
    const withoutHeader = source.slice(source.indexOf("*/") + 3)
    assert.strictEqual(program, withoutHeader.replace("../src/index.ts", "lesion-network-mapping"))
  })

  it("runs, and prints a mean correlation for each region", async () => {
    const { folder: study } = await writeTinyStudy(folder, { subjects: 3 })
    const { stdout } = await promisify(execFile)(process.execPath, [example, join(study, "connectome")])
    const lines = stdout.trim().split("\n")
    assert.strictEqual(lines.length, 2)
    for (const [n, line] of lines.entries()) {
      const [, region, r, subjects] = /^region (\d): mean r (-?[\d.]+) over (\d) subjects$/.exec(line)!
      assert.deepStrictEqual([region, subjects], [String(n + 1), "3"])
      assert.isAtMost(Math.abs(Number(r)), 1)
    }
  })
})
