/** What is told of this machine is what its relaxed multiply-adds do in the kernels. */
import { assert, it } from "@effect/vitest"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { fusesMultiplyAdd } from "../../src/kernels/fusesMultiplyAdd.ts"

it("is false where the kernels have no relaxed multiply-adds, and a fact of the machine", async () => {
  const { arithmetic } = await compileKernels({ arithmetic: "fast", vectors: 128 })
  const fuses = fusesMultiplyAdd()
  assert.strictEqual(fuses, fusesMultiplyAdd())
  if (arithmetic === "strict") assert.isFalse(fuses)
  // Every x86 processor with FMA3 fuses; one without does not.
  if (arithmetic === "fast" && process.arch === "arm64") assert.isTrue(fuses)
})
