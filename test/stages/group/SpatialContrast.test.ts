/** TFCE and clusters of a contrast on workers: what one thread finds, for any number of workers, tiles and permutations at once. */
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { faceNeighbours } from "../../../src/kernels/group/faceNeighbours.ts"
import { tOfTwoTailedP } from "../../../src/kernels/group/formingThreshold.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { formingP } from "../../../src/kernels/group/groupPolicy.ts"
import { permutationTest } from "../../../src/kernels/group/permutationTest.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import { keptPiecesLayer } from "../../../src/output/KeptPieces.ts"
import { contrastData } from "../../../src/stages/group/Contrast.ts"
import { leastMapBytes, permutationsAtOnce } from "../../../src/stages/group/contrastSizes.ts"
import type { ContrastData } from "../../../src/stages/group/contrastTile.ts"
import { makeGroupPool } from "../../../src/stages/group/GroupWork.ts"
import type { GroupDesign } from "../../../src/stages/group/groupDesign.ts"
import { computeSpatial } from "../../../src/stages/group/SpatialContrast.ts"
import { groupStudy } from "../../support/groupStudy.ts"
import { assertNear } from "../../support/groupWitness.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const shape = [20, 19, 14] as const
/** More than a tile, and not a whole number of panels. */
const voxels = 4501
const elements = Int32Array.from({ length: voxels }, (_, v) => v + Math.floor(v / 7))

const study = (patients: number, second: number) =>
  groupStudy({ patients, voxels, covariates: 1, seed: 5, second, permutations: 60, strength: 0.5 })

interface SpatialOptions {
  readonly workers: number
  readonly mapBytes: number
  readonly tfce?: boolean
  readonly content?: string
}

const spatialOf = (
  { maps, basis, permutations }: ReturnType<typeof study>,
  { workers, mapBytes, tfce = true, content }: SpatialOptions
) =>
  Effect.gen(function* () {
    const shared = new Float32Array(new SharedArrayBuffer(4 * maps.length))
    shared.set(maps)
    const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
    const pool = yield* makeGroupPool(workers, { module, source: { maps: shared, rowVoxels: voxels } })
    const kept = Int32Array.from({ length: basis.patients }, (_, n) => n)
    const design = { basis, kept, variance: undefined } as unknown as GroupDesign
    const contrast: ContrastData = contrastData({ design, ranks: false, permutations })
    let counted = 0
    const request = { contrast, elements, shape, tfce, mapBytes, content }
    const found = yield* computeSpatial(pool, request, (count) =>
      Effect.sync(() => {
        counted += count
      })
    )
    assert.strictEqual(counted, permutations.count)
    return found
  }).pipe(Effect.scoped)

const onOneThread = ({ basis, permutations, whole }: ReturnType<typeof study>) =>
  permutationTest(residualTile(basis, whole), {
    basis,
    permutations,
    statistic: freedmanLane(basis),
    spatial: {
      neighbours: faceNeighbours(elements, shape),
      tfce: true,
      threshold: tOfTwoTailedP(formingP, basis.degreesOfFreedom)
    }
  }).spatial!

describe("computeSpatial", () => {
  it.effect("finds in float32 what one thread finds in float64", () =>
    Effect.gen(function* () {
      const own = study(24, 11)
      const expected = onOneThread(own)
      const found = yield* spatialOf(own, { workers: 2, mapBytes: 4 * voxels * 60 })
      assert.isAbove(Math.max(...expected.observed.extents), 5)
      assertNear(found.observed.enhanced, expected.observed.enhanced, 2e-5, "TFCE")
      assert.deepStrictEqual([...found.observed.extents], [...expected.observed.extents])
      assertNear(found.observed.masses, expected.observed.masses, 1e-5, "mass")
      for (const name of ["enhanced", "extents", "masses"] as const) {
        assert.deepStrictEqual([...found.familyWise[name]], [...expected.familyWise[name]], name)
      }
    })
  )

  it.effect("gives the same bits for any number of workers and of permutations at once", () =>
    Effect.gen(function* () {
      const own = study(24, 11)
      const most = yield* spatialOf(own, { workers: 3, mapBytes: 4 * voxels * 60 })
      for (const [workers, mapBytes] of [
        [1, leastMapBytes(voxels)],
        [2, 4 * voxels * 50]
      ] as const) {
        assert.deepStrictEqual(yield* spatialOf(own, { workers, mapBytes }), most)
      }
    })
  )

  it.effect("takes few patients in float64, all their orders", () =>
    Effect.gen(function* () {
      const own = study(8, 3)
      assert.isTrue(own.permutations.count <= 60)
      const expected = onOneThread(own)
      const found = yield* spatialOf(own, { workers: 2, mapBytes: 4 * voxels * 20 })
      assert.deepStrictEqual(found.observed, expected.observed)
      assert.deepStrictEqual(found.familyWise, expected.familyWise)
    })
  )

  it.effect("has the same clusters without TFCE, also where memory holds few permutations", () =>
    Effect.gen(function* () {
      const own = study(24, 11)
      const [withTfce, without] = [
        yield* spatialOf(own, { workers: 2, mapBytes: 4 * voxels * 60 }),
        yield* spatialOf(own, { workers: 2, mapBytes: 4 * voxels * 60, tfce: false })
      ]
      const inRanges = yield* spatialOf(own, { workers: 1, mapBytes: 3.2 * voxels, tfce: false })
      assert.isBelow(permutationsAtOnce(60, voxels, false, 3.2 * voxels), 60)
      assert.deepStrictEqual(inRanges, without)
      assert.deepStrictEqual(without.familyWise.masses, withTfce.familyWise.masses)
      assert.deepStrictEqual(without.maxima.extents, withTfce.maxima.extents)
      assert.deepStrictEqual([...new Set(without.observed.enhanced)], [0])
    })
  )
})

describe("computeSpatial, interrupted", () => {
  const folder = scratchFolder()
  const piecesIn = (name: string) => readdirSync(join(folder, name, ".lnm/pieces"), { recursive: true }).map(String)

  it.effect.each([true, false])("goes on with what is kept of permutations and tiles (TFCE: %s)", (tfce) =>
    Effect.gen(function* () {
      const name = tfce ? "tfce" : "clusters"
      const own = study(24, 11)
      const options = { workers: 2, mapBytes: 4 * voxels * 48, tfce, content: "maps" }
      const run = (of: typeof own) =>
        spatialOf(of, options).pipe(Effect.provide(keptPiecesLayer(join(folder, name), 0)))
      const first = yield* run(own)
      // The fingerprint is the same, the maps are not: what is equal was kept.
      const others = { ...own, maps: own.maps.map((value, k) => (k % 2 === 0 ? value : -value)) }
      assert.deepStrictEqual((yield* run(others)).maxima, first.maxima)
      const ranges = piecesIn(name).filter((file) => /(enhanced|clusters)-/.test(file))
      assert.strictEqual(ranges.length, tfce ? 2 : 1)
      for (const file of ranges) rmSync(join(folder, name, ".lnm/pieces", file))
      const again = yield* run(others)
      if (tfce) assert.notDeepEqual(again.maxima, first.maxima)
      else assert.deepStrictEqual(again.maxima, first.maxima)
    })
  )
})

describe("permutationsAtOnce", () => {
  it("are whole batches that memory holds, or all", () => {
    assert.strictEqual(permutationsAtOnce(1000, 100, true, 400 * 100), 96)
    assert.strictEqual(permutationsAtOnce(99, 100, true, 400 * 100), 99)
    assert.strictEqual(permutationsAtOnce(1000, 100, true, 400 * 20), 20)
    assert.strictEqual(permutationsAtOnce(1000, 100, true, 3), 1)
    assert.isAbove(permutationsAtOnce(1000, 100, false, 400 * 10), 480)
  })
})
