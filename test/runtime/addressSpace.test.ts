import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { addressSpaceLimit, addressSpaceLimitOf } from "../../src/runtime/addressSpaceLimit.js"
import { addressableBytes, addressableWorkers, checkAddressSpace } from "../../src/runtime/addressSpaceNeed.ts"

const gibibyte = 2 ** 30

describe("addressSpaceLimitOf", () => {
  const limits = (soft: string) =>
    [
      "Limit                     Soft Limit           Hard Limit           Units     ",
      "Max stack size            8388608              unlimited            bytes     ",
      `Max address space         ${soft.padEnd(20)} unlimited            bytes     `
    ].join("\n")

  it("is the soft limit, or Infinity", () => {
    assert.strictEqual(addressSpaceLimitOf(limits("8000000000")), 8e9)
    assert.strictEqual(addressSpaceLimitOf(limits("unlimited")), Number.POSITIVE_INFINITY)
    assert.strictEqual(addressSpaceLimitOf(limits("9223372036854775807")), Number.POSITIVE_INFINITY)
    assert.strictEqual(addressSpaceLimitOf(""), Number.POSITIVE_INFINITY)
    assert.isAbove(addressSpaceLimit(), 0)
  })
})

describe("checkAddressSpace", () => {
  const check = (workers: number, peakBytes: number, limit: number) =>
    Effect.result(checkAddressSpace({ workers, peakBytes }, limit))

  it.effect("names the limit, what is needed, and fewer workers where that would do", () =>
    Effect.gen(function* () {
      const failed = yield* check(8, 0.25 * gibibyte, 6 * gibibyte)
      assert.strictEqual(failed._tag, "Failure")
      if (failed._tag !== "Failure") return
      assert.match(
        failed.failure.message,
        /limited to 6 GiB \(ulimit -v; h_vmem.+8 worker.+9\.\d+ GiB.+lower compute\.workers/
      )
      const hopeless = yield* Effect.flip(checkAddressSpace({ workers: 8, peakBytes: 20 * gibibyte }, 6 * gibibyte))
      assert.notInclude(hopeless.message, "lower compute.workers")
    })
  )

  it.effect("passes without a limit, and under one that holds all", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* check(1024, 1e12, Number.POSITIVE_INFINITY))._tag, "Success")
      assert.strictEqual((yield* check(2, 0.25 * gibibyte, 6 * gibibyte))._tag, "Success")
    })
  )

  it.effect("passes with the workers and the memory that a run takes by itself under a limit", () =>
    Effect.gen(function* () {
      for (const limit of [5, 8, 16, 64].map((count) => count * gibibyte)) {
        const workers = addressableWorkers(limit)
        assert.isAtLeast(workers, 1)
        const left = addressableBytes(workers, limit)
        assert.isAbove(left, 0.25 * gibibyte)
        assert.strictEqual((yield* check(workers, left, limit))._tag, "Success", String(limit))
      }
      assert.isAbove(addressableWorkers(64 * gibibyte), 40)
      assert.strictEqual(addressableWorkers(1 * gibibyte), 1)
    })
  )
})
