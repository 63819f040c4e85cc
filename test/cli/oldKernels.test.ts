import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { numericsVersion } from "../../src/kernels/numericPolicy.ts"
import { whyNotWide } from "../../src/kernels/wideVectors.ts"
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

describe.skipIf(whyNotWide() !== undefined)("a version of Node that computes other bits with 256-bit vectors", () => {
  const scratch = scratchFolder()

  it("computes with 128, warns, and says so in the manifest", async () => {
    const sources = copySources(join(scratch, "sources"))
    // The first coefficient of Fisher z, 0.3333…, as its neighbour.
    alterBuilds(sources, ["engine-fast-256"], (build) => {
      const coefficient = Buffer.alloc(4)
      coefficient.writeFloatLE(0.33332857489585876)
      const at = build.indexOf(coefficient)
      assert.isAbove(at, 0)
      build[at]! ^= 1
    })
    const { config, output } = await writeTinyStudy(join(scratch, "study"), { subjects: 5 })
    const ended = await startProgram(process.execPath, [join(sources, "bin/lnm.js"), "run", config]).ended
    assert.strictEqual(ended.code, 0, ended.stderr)
    assert.match(
      ended.stderr,
      /warning: compute\.vectors: auto: .* computes other bits in the kernel correlateAndReduce/
    )
    const manifest = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))
    assert.strictEqual(manifest.backend.vectors, 128)
    assert.lengthOf(manifest.warnings, 1)
  })
})
