/** Programs in the documentation are those of the examples, which tests run. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "../support/runLnm.ts"
import { blocksOf, pageOf } from "./pages.ts"

describe("programs of docs/own-stage.md", () => {
  const programs = blocksOf(pageOf("docs/own-stage.md")).filter(({ language }) => language === "ts")

  it("are there", () => assert.isAtLeast(programs.length, 4))

  for (const { code } of programs) {
    const [first, ...lines] = code.split("\n")
    it(`stand as they are in the file that their first line names: ${first}`, () => {
      const file = /^\/\/ (examples\/\w+\.ts)$/.exec(first!)![1]!
      assert.include(readFileSync(join(repository, file), "utf8"), lines.join("\n").trimEnd())
    })
  }
})
