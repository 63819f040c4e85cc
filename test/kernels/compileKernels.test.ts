import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { checkedKernels, differingKernel } from "../../src/kernels/differingKernel.ts"
import { instantiateKernels, makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import { whyNotWide } from "../../src/kernels/wideVectors.ts"
import { repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const narrow = async (arithmetic: "fast" | "strict") => (await compileKernels({ arithmetic, vectors: 128 })).module

describe("holding a build of the kernels against another", () => {
  it("runs every kernel that a build exports", async () => {
    const exported = Object.entries(instantiateKernels(await narrow("fast"), makeKernelMemory(0)))
      .filter(([name, value]) => typeof value === "function" && name !== "dataBytes")
      .map(([name]) => name)
    assert.deepStrictEqual(exported.sort(), [...checkedKernels].sort())
  })

  it("finds no difference between a build and itself", async () => {
    assert.isUndefined(differingKernel(await narrow("fast"), await narrow("fast")))
  })

  it("names a kernel where one rounds otherwise", async () => {
    assert.include([...checkedKernels], differingKernel(await narrow("strict"), await narrow("fast")))
  })
})

describe("compiling kernels", () => {
  const scratch = scratchFolder()
  const module = pathToFileURL(join(repository, "src/kernels/compileKernels.ts")).href

  /** What a process of its own prints that compiles kernels for 256-bit vectors after running some code. */
  const compiledAfter = async (name: string, code: string) => {
    const file = join(scratch, `${name}.mjs`)
    const choice = `{ arithmetic: "fast", vectors: 256 }`
    writeFileSync(
      file,
      `${code}
      const { compileKernels } = await import(${JSON.stringify(module)})
      const { vectors, narrowBecause = null } = await compileKernels(${choice})
      console.log(JSON.stringify([vectors, narrowBecause]))`
    )
    const { stdout, stderr } = await startProgram(process.execPath, [file]).ended
    assert.strictEqual(stderr, "")
    return JSON.parse(stdout)
  }

  it("takes 256-bit vectors where they can be had, and prints nothing", async () => {
    const missing = whyNotWide()
    assert.deepStrictEqual(await compiledAfter("here", ""), missing === undefined ? [256, null] : [128, missing])
  })

  it("takes 128-bit vectors in a version of V8 that may not know the flag, and prints nothing", async () => {
    const later = `Object.defineProperty(process, "versions", { value: { ...process.versions, v8: "15.0.1" } })`
    assert.deepStrictEqual(await compiledAfter("later", later), [128, "V8 15.0.1 is not known to make them"])
  })

  it("takes them on another processor", async () => {
    const other = `Object.defineProperty(process, "arch", { value: "arm64" })`
    const because = "V8 makes them on x86-64 only, and this is arm64"
    assert.deepStrictEqual(await compiledAfter("other", other), [128, because])
  })
})
