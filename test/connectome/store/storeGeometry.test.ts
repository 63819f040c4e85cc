import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Stream } from "effect"
import { vi } from "vitest"
import type { StoreExtent } from "../../../src/connectome/store/storeGeometry.ts"
import { loadKernels } from "../../../src/engine/Engine.ts"
import { quantise } from "../../../src/stages/prepare/Quantise.ts"
import { standardise } from "../../../src/stages/prepare/Standardise.ts"

/** A format with panels of another width than the kernels were built for. */
vi.mock("../../../src/connectome/store/storeGeometry.ts", async (original) => ({
  ...(await original<typeof import("../../../src/connectome/store/storeGeometry.ts")>()),
  constantsOfStore: { PANEL: 16 }
}))

const extent: StoreExtent = { subjects: 2, voxels: 9, timePoints: 6, precision: "int16" }
const problem = /they were built from other sources: PANEL is 8, not 16/

describe("the format of a store", () => {
  it("takes nothing from the kernels: its panel width is its own", () => {
    for (const module of ["storeGeometry", "storedSubjects", "storeFormat"]) {
      const source = readFileSync(new URL(`../../../src/connectome/store/${module}.ts`, import.meta.url), "utf8")
      assert.notMatch(source, /from ".*kernels\//, module)
    }
  })

  it.effect("is held against the kernels that read it, when they are loaded", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(loadKernels({ arithmetic: "strict", vectors: 128 }))
      assert.match(error.message, problem)
    })
  )

  it.effect("is held against the kernels that write it", () =>
    Effect.gen(function* () {
      for (const exit of [
        yield* Effect.exit(Stream.runDrain(standardise(extent).transform(Stream.empty))),
        yield* Effect.exit(Stream.runDrain(quantise(extent).transform(Stream.empty)))
      ]) {
        assert.isTrue(Exit.isFailure(exit))
        if (Exit.isFailure(exit)) assert.match(Cause.pretty(exit.cause), problem)
      }
    })
  )
})
