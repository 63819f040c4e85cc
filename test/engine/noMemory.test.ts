import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { webAssembly } from "../../src/kernels/kernelInstances.ts"

afterEach(() => vi.restoreAllMocks())

const shape = {
  subjects: 4,
  subjectsPerChunk: 2,
  chunkSlots: 2,
  readers: 1,
  timePoints: 20,
  voxels: 200_000,
  gridVoxels: 200_000,
  lesions: 60,
  lesionVoxels: 30,
  mapsPerLesion: 1
}

describe("memory that the system does not give", () => {
  it.effect("ends the engine's start with an error that says how much it was, and what to lower", () =>
    Effect.gen(function* () {
      const { Memory } = webAssembly
      vi.spyOn(webAssembly, "Memory").mockImplementation(
        class extends Memory {
          constructor(size: ConstructorParameters<typeof Memory>[0]) {
            if (size.initial > 1500) throw new RangeError("WebAssembly.Memory(): could not allocate memory")
            super(size)
          }
        }
      )
      const built = Layer.build(engineLayer({ shape, workers: 1, arithmetic: "fast" }))
      const error = yield* Effect.flip(Effect.scoped(built))
      assert.strictEqual(error._tag, "NoEngineMemory", error.message)
      assert.match(
        error.message,
        /^the system does not give the process \d+(\.\d+)? MiB .+could not allocate memory.+Lower compute\.memory/
      )
    })
  )
})
