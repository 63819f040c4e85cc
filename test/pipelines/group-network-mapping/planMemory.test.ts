import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { planMemory } from "../../../pipelines/group-network-mapping/planMemory.ts"
import { memoryLimitOf } from "../../../src/config/configKeys.ts"
import { contrastBytes, contrastWorkerBytes } from "../../../src/stages/group/contrastSizes.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const path = scratchFolder()
const grid = { shape: [91, 109, 91], affine: [2, 0, 0, -90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1] } as const

const planOf = (patients: number, voxels: number, memory: string, workers: "auto" | number = 2) => {
  const cohort = { patients: Array.from({ length: patients }, String), maps: [], grid, space: "MNI152NLin6Asym" }
  const bytes = contrastBytes(voxels, 10_000, patients)
  const contrasts = { name: "contrasts", bytes, workerBytes: contrastWorkerBytes(patients, 10_000) }
  return planMemory(
    { compute: { workers, memory, arithmetic: "fast" }, output: { path, palm: false } },
    memoryLimitOf(memory)!,
    cohort,
    voxels,
    [contrasts]
  )
}

describe("planMemory", () => {
  it.effect("holds the maps in memory where they fit, and in a scratch file where they do not", () =>
    Effect.gen(function* () {
      const inMemory = yield* planOf(200, 228_000, "2GB")
      assert.isUndefined(inMemory.scratch)
      assert.isAbove(inMemory.peakBytes, 4 * 200 * 228_000)
      assert.isAbove(inMemory.spareBytes, 0)
      const onDisk = yield* planOf(2000, 285_000, "2GB")
      assert.strictEqual(onDisk.workers, 2)
      assert.isAtMost(onDisk.peakBytes, 2e9)
      assert.isAtLeast(onDisk.scratch!.bytes, 4 * 2000 * 285_000)
      assert.isBelow(onDisk.scratch!.bytes, 1.02 * 4 * 2000 * 285_000)
      assert.isUndefined((yield* planOf(2000, 285_000, "8GB")).scratch)
    })
  )

  it.effect("takes a scratch file where memory holds the maps, but not with the workers that are asked for", () =>
    Effect.gen(function* () {
      const one = yield* planOf(500, 228_000, "8GB", 1)
      const limit = `${Math.ceil(one.peakBytes / 0.92)}B`
      assert.isUndefined((yield* planOf(500, 228_000, limit, 1)).scratch)
      const five = yield* planOf(500, 228_000, limit, 5)
      assert.isDefined(five.scratch)
      assert.strictEqual(five.workers, 5)
      assert.isAtMost(five.peakBytes, one.peakBytes)
    })
  )

  it.effect("refuses what fits in no way, and says what would", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(planOf(2000, 285_000, "300MB", 2))
      assert.include(error.message, "compute.memory: 2 worker(s) need")
      assert.include(error.message, "Lower compute.workers, or raise compute.memory")
      const huge = yield* Effect.flip(planOf(60_000, 400_000_000, "100GB", 1))
      assert.strictEqual(huge._tag, "NoRoomForScratch")
      assert.include(huge.message, `output.path: ${path} is on a disk with`)
    })
  )
})
