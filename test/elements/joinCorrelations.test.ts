import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { joinCorrelations } from "../../src/elements/joinCorrelations.ts"
import type { LesionVoxelCorrelations } from "../../src/elements/LesionVoxelCorrelations.ts"
import { withFingerprints } from "../../src/elements/SumsMismatch.ts"
import { loadCorrelations, saveCorrelations } from "../../src/output/savedCorrelations.ts"
import { principalSeeds } from "../../src/stages/PrincipalSeeds.ts"
import { flipByte, truncate } from "../support/damage.ts"
import { memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { correlationsOver, refinedOf } from "../support/refineSeeds.ts"
import { partitionsOf } from "../support/runSums.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const subjects = 8
const source = memoryConnectome({ subjects, timePoints: [30, 30, 31, 30, 30, 29, 30, 30], voxels: 60, deadVoxels: [3] })
const regions = weighted(spreadRegions(6, 60))
const everyone = Array.from({ length: subjects }, (_, subject) => subject)
const fingerprints = { study: "1".repeat(64), sums: "2".repeat(64) }

const throughFile = Effect.fnUntraced(function* (correlations: LesionVoxelCorrelations) {
  const file = join(scratch, "some.correlations")
  yield* saveCorrelations(file, yield* withFingerprints(correlations, fingerprints))
  return yield* loadCorrelations(file)
})

const refine = (correlations: LesionVoxelCorrelations, connectome: Connectome = source) =>
  principalSeeds({ regions, subjects: connectome.subjects, percentile: 30, scope: "connectome" })
    .transform(Stream.make(correlations))
    .pipe(
      Stream.runCollect,
      Effect.map(([seeds]) => seeds!.kept)
    )

describe("joinCorrelations", () => {
  it("gives what one pass over all gives, in any parts and order, saved in between, plain and on the engine, raw and on a store", async () => {
    for (const connectome of [source, await Effect.runPromise(stored(source, "int16", 3))]) {
      for (const [workers, numRuns] of [
        [0, 10],
        [2, 5]
      ] as const) {
        const whole = await Effect.runPromise(correlationsOver(connectome, regions, everyone, { workers }))
        assert.deepStrictEqual(whole.covered, [{ first: 0, count: subjects }])
        await fc.assert(
          fc.asyncProperty(partitionsOf(subjects), fc.integer({ min: 1, max: 3 }), (parts, subjectsPerChunk) =>
            Effect.gen(function* () {
              let joined: LesionVoxelCorrelations | undefined
              for (const part of parts) {
                const run = { workers, subjectsPerChunk }
                const saved = yield* throughFile(yield* correlationsOver(connectome, regions, part, run))
                joined = joined === undefined ? saved : yield* joinCorrelations(joined, saved)
              }
              assert.deepStrictEqual(joined, { ...whole, fingerprints })
            }).pipe(Effect.runPromise)
          ),
          { seed: 6, numRuns }
        )
        if (workers === 0) {
          const refined = await Effect.runPromise(refinedOf(connectome, regions, { percentile: 30 }))
          assert.deepStrictEqual(await Effect.runPromise(refine(whole, connectome)), refined.kept)
        }
      }
    }
  })

  it.effect("is commutative, and refuses the same subjects, other lesions and other studies", () =>
    Effect.gen(function* () {
      const one = yield* correlationsOver(source, regions, [0, 1, 5], {})
      const other = yield* correlationsOver(source, regions, [2, 7], {})
      assert.deepStrictEqual(yield* joinCorrelations(one, other), yield* joinCorrelations(other, one))
      const again = yield* correlationsOver(source, regions, [4, 5, 6], {})
      assert.deepInclude(yield* Effect.flip(joinCorrelations(one, again)), {
        _tag: "OverlappingSubjects",
        overlap: [{ first: 5, count: 1 }]
      })
      for (const [changed, difference] of [
        [{ subjects: 9 }, "subjects"],
        [{ columns: other.columns.slice(1) }, "lesions"],
        [{ columns: other.columns.map((column) => 2 * column) }, "voxels"],
        [{ fingerprints }, "study"]
      ] as const) {
        const error = yield* Effect.flip(joinCorrelations(one, { ...other, ...changed }))
        assert.deepInclude(error, { _tag: "SumsMismatch", difference })
      }
    })
  )
})

describe("principalSeeds", () => {
  it.effect("refuses correlations of only some subjects, and says which are missing", () =>
    Effect.gen(function* () {
      const part = yield* correlationsOver(source, regions, [0, 1, 5], {})
      const error = yield* Effect.flip(refine(part))
      assert.strictEqual(error._tag, "SubjectsMissing")
      assert.include(error.message, "correlations of subjects 2–4, 6–7 are missing")
    })
  )
})

describe("loadCorrelations", () => {
  it.effect("finds files that are cut off or changed, or hold something else", () =>
    Effect.gen(function* () {
      const file = join(scratch, "spoilt.correlations")
      const part = yield* withFingerprints(yield* correlationsOver(source, regions, [0, 1, 5], {}), fingerprints)
      for (const [spoil, fault] of [
        [() => truncate(file, 0.9), "truncated"],
        [() => flipByte(file, 480), "damaged"],
        [() => flipByte(file, 0), "other kind"],
        [() => flipByte(file, 8), "other version"]
      ] as const) {
        yield* saveCorrelations(file, part)
        spoil()
        const error = yield* Effect.flip(loadCorrelations(file))
        assert.deepInclude(error, { _tag: "InvalidArrayFile", fault, file })
      }
      yield* saveCorrelations(file, { ...part, columns: part.columns.with(1, 9) })
      assert.deepInclude(yield* Effect.flip(loadCorrelations(file)), { fault: "damaged" })
    })
  )
})
