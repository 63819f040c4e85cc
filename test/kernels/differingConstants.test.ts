import { cpSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { differingConstants } from "../../src/kernels/differingConstants.ts"
import { alterBuilds, builds, changeConstant, renameExport } from "../support/alterKernels.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const expected = { equal: { PANEL: 8, ROUNDING: 6144 }, reservedBytes: 1024 }
const agreed = { PANEL: { value: 8 }, ROUNDING: { value: 6144 }, dataBytes: () => 1024, OTHER: { value: 1 } }

describe("constants of a build of the kernels", () => {
  it("do not differ where each is what is expected, whatever else the build exports", () => {
    assert.isUndefined(differingConstants(agreed, expected))
  })

  it("differ where one has another value, is missing or is no constant, and all of these are named", () => {
    const { ROUNDING: _, ...others } = agreed
    const problem = differingConstants({ ...others, PANEL: { value: 4 } }, expected)
    assert.strictEqual(problem, "they were built from other sources: PANEL is 4, not 8; ROUNDING is missing, not 6144")
    assert.match(differingConstants({ ...agreed, PANEL: () => 8 }, expected)!, /PANEL is missing, not 8/)
  })

  it("differ where the build writes more constants to memory than are reserved, or does not say how many", () => {
    assert.match(
      differingConstants({ ...agreed, dataBytes: () => 1025 }, expected)!,
      /dataBytes is 1025, not 1024 or less/
    )
    assert.match(differingConstants({ ...agreed, dataBytes: undefined }, expected)!, /dataBytes is missing/)
  })
})

describe("loading a build of the kernels", () => {
  const scratch = scratchFolder()

  /** The module of this name from a copy of the kernels' folder, whose builds were altered. */
  const fromCopy = async (
    copy: string,
    module: string,
    names: ReadonlyArray<string>,
    alter: Parameters<typeof alterBuilds>[2]
  ) => {
    const sources = join(scratch, copy)
    cpSync(join(repository, "src/kernels"), join(sources, "src/kernels"), { recursive: true })
    alterBuilds(sources, names, alter)
    return import(pathToFileURL(join(sources, "src/kernels", module)).href)
  }

  const rejected = async (copy: string, arithmetic: string, alter: Parameters<typeof alterBuilds>[2]) => {
    const { compileKernels } = await fromCopy(copy, "compileKernels.ts", builds.engine, alter)
    return compileKernels({ arithmetic, vectors: 128 }).then(
      () => "accepted",
      ({ message }: Error) => message
    )
  }

  for (const arithmetic of ["fast", "strict"]) {
    it(`rejects one of the engine that lacks a constant or has another: ${arithmetic}`, async () => {
      const lacking = await rejected(`lacking-${arithmetic}`, arithmetic, renameExport("SUMS_ROW"))
      assert.include(lacking, "SUMS_ROW is missing, not 128")
      const other = await rejected(`other-${arithmetic}`, arithmetic, changeConstant(6144, 3072))
      assert.include(other, "ROUNDING_NUMBER is 3072, not 6144")
    })
  }

  it("rejects the build of the other arithmetic", async () => {
    const { compileKernels } = await fromCopy("swapped", "compileKernels.ts", [], () => {})
    const build = join(scratch, "swapped/src/kernels/assembly/build")
    cpSync(join(build, "engine-strict-128.wasm"), join(build, "engine-fast-128.wasm"))
    assert.include(
      await compileKernels({ arithmetic: "fast", vectors: 128 }).catch(({ message }: Error) => message),
      "FUSES is 0, not 1"
    )
  })

  it("rejects one whose constants are not those of a format that it reads or writes", async () => {
    const problem = /they were built from other sources: PANEL is 8, not 16/
    const { compileKernels } = await fromCopy("format", "compileKernels.ts", [], () => {})
    assert.match(
      await compileKernels({ arithmetic: "strict", vectors: 128 }, { PANEL: 16 }).catch(
        ({ message }: Error) => message
      ),
      problem
    )
    const { makeStandardisedPanels } = await fromCopy("format", "standardisePanels.ts", [], () => {})
    const { makeQuantisedPanels } = await fromCopy("format", "quantisePanels.ts", [], () => {})
    for (const make of [makeStandardisedPanels, makeQuantisedPanels]) {
      assert.throws(() => make(1, 7, { PANEL: 16 }), problem)
      assert.isObject(make(1, 7, { PANEL: 8 }))
    }
  })

  it("throws for one that prepares a connectome, with what to do", async () => {
    const { makePanelMemory } = await fromCopy(
      "panels",
      "PanelKernels.ts",
      builds.panels,
      renameExport("SCRATCH_BYTES")
    )
    assert.throws(() => makePanelMemory({ values: 8 }), /SCRATCH_BYTES is missing, not 128\. .*npm run build:kernels/)
  })
})
