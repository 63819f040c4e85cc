import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { numericsVersion } from "../../src/kernels/numericPolicy.ts"
import { alterBuilds, builds, copySources, renameExport } from "../support/alterKernels.ts"
import { startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

describe("a checkout with kernels that were built from older sources", () => {
  const scratch = scratchFolder()

  it("plans and runs nothing, says what differs, and how the kernels are built", async () => {
    const sources = copySources(join(scratch, "sources"))
    alterBuilds(sources, builds.engine, renameExport("NUMERICS"))
    const { config } = await writeTinyStudy(join(scratch, "study"), { subjects: 5 })
    for (const command of ["plan", "run"]) {
      const ended = await startProgram(process.execPath, [join(sources, "bin/lnm.js"), command, config]).ended
      assert.strictEqual(ended.code, 2, ended.stderr)
      assert.include(ended.stderr, "the computing kernels cannot be used: they were built from other sources")
      assert.include(ended.stderr, `NUMERICS is missing, not ${numericsVersion}`)
      assert.include(ended.stderr, "npm run build:kernels")
    }
  })
})
