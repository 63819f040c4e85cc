import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { readMask } from "../../src/imaging/readMask.ts"
import { niftiBytes, temporaryFile } from "../support/niftiBytes.ts"

const image = { file: "file", grid: { shape: [1, 1, 1], affine: [] } } as const

describe("memory of images that are read", () => {
  it.effect("refuses by its header a brain mask that takes more than the run may use, before it is inflated", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ datatype: "uint8", dims: [600, 600, 600], stored: [] })
      const file = yield* temporaryFile("brain.nii.gz", Buffer.concat([gzipSync(bytes), Buffer.alloc(1e6)]))
      const reading = (limitBytes: number) =>
        Effect.flip(Effect.provideService(readMask(file), LoadingMemory, makeLoadingMemory(limitBytes)))
      const refused = yield* reading(500e6)
      assert.strictEqual(refused._tag, "ImageTooLarge")
      assert.match(
        refused.message,
        /brain\.nii\.gz: to read its 600 × 600 × 600 voxels takes 1\.\d+ GiB.*compute\.memory/
      )
    }).pipe(Effect.scoped)
  )

  it.effect("lets files wait for one another that together take more", () =>
    Effect.gen(function* () {
      const memory = makeLoadingMemory(400e6)
      let [held, most] = [0, 0]
      const hold = (bytes: number) =>
        Effect.gen(function* () {
          held += bytes
          most = Math.max(most, held)
          yield* Effect.yieldNow
          held -= bytes
        }).pipe(memory.reserve(image, bytes))
      yield* Effect.all([hold(150e6), hold(150e6), hold(80e6), hold(240e6)], { concurrency: 4 })
      assert.isAtMost(most, 245e6)
    })
  )

  it.effect("reads small files side by side and large ones alone, whatever the run may use", () =>
    Effect.gen(function* () {
      const memory = makeLoadingMemory(Number.POSITIVE_INFINITY)
      const together = Effect.fnUntraced(function* (bytes: number) {
        let [held, most] = [0, 0]
        const hold = Effect.gen(function* () {
          most = Math.max(most, ++held)
          yield* Effect.yieldNow
          held--
        }).pipe(memory.reserve(image, bytes))
        yield* Effect.all([hold, hold, hold, hold], { concurrency: 4 })
        return most
      })
      assert.deepStrictEqual([yield* together(5e6), yield* together(60e6), yield* together(300e6)], [4, 2, 1])
    })
  )
})
