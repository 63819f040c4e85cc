import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { PRODUCT_BYTES } from "../../../src/kernels/WasmKernels.ts"
import { column, correlation, fisherZ, standardised, zBound } from "./oracle.ts"
import {
  blocksOf,
  kernelBuilds,
  makeWorkbench,
  panelsOf,
  plainSums,
  rawSubject,
  seeded,
  type Workbench
} from "./workbench.ts"

interface Problem {
  readonly timePoints: number
  readonly voxels: number
  readonly lesions: number
  readonly raw: Float32Array
  /** Float64 [lesions][T]: single voxels, and now and then a constant. */
  readonly series: ReadonlyArray<Float64Array>
}

const makeProblem = (seed: number, timePoints: number, voxels: number, lesions: number): Problem => {
  const random = seeded(seed)
  const raw = rawSubject(random, timePoints, voxels)
  const series = Array.from({ length: lesions }, (_, l) =>
    l % 7 === 5
      ? new Float64Array(timePoints).fill(1 / 3)
      : column(raw, timePoints, voxels, Math.floor(random() * voxels))
  )
  return { timePoints, voxels, lesions, raw, series }
}

/** Packs the subject, and writes the z of all panels. */
const run = (bench: Workbench, { timePoints, voxels, lesions, raw, series }: Problem) => {
  bench.clear()
  const [panelCount, blocks] = [panelsOf(voxels), blocksOf(lesions)]
  const panels = bench.float32(panelCount * timePoints * 8)
  const seeds = bench.float32(blocks * timePoints * 6)
  const seedSeries = bench.float64(
    lesions * timePoints,
    series.flatMap((values) => Array.from(values))
  )
  const source = bench.float32(raw.length, raw)
  const invalid = bench.int32(lesions)
  const z = bench.float32(panelCount * lesions * 8)
  const scratch = bench.float32(PRODUCT_BYTES / 4)
  const { kernels } = bench
  kernels.packVoxels(source.at, timePoints, voxels, 0, voxels, panels.at)
  kernels.packSeeds(seedSeries.at, lesions, timePoints, seeds.at, invalid.at)
  kernels.correlateToZ(panels.at, panelCount, seeds.at, timePoints, lesions, z.at, scratch.at)
  return { panels, seeds, z, scratch, panelCount, blocks }
}

const shape = fc.record({
  seed: fc.integer(),
  timePoints: fc.integer({ min: 3, max: 130 }),
  voxels: fc.integer({ min: 1, max: 40 }),
  lesions: fc.integer({ min: 1, max: 20 })
})

/** Error of r: that of the fused kernels. */
const tolerance = 5e-7

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`correlateToZ, ${arithmetic}, ${vectors} bits`, () => {
    it("agrees with naive float64 loops for any shape, has 0 where there is no voxel, and writes nothing else", () => {
      fc.assert(
        fc.property(shape, ({ seed, timePoints, voxels, lesions }) => {
          const problem = makeProblem(seed, timePoints, voxels, lesions)
          const { z, panelCount } = run(bench, problem)
          const x = Array.from({ length: voxels }, (_, v) => standardised(column(problem.raw, timePoints, voxels, v)))
          const y = problem.series.map(standardised)
          for (let p = 0; p < panelCount; p++) {
            for (let l = 0; l < lesions; l++) {
              for (let i = 0; i < 8; i++) {
                const actual = z.view[(p * lesions + l) * 8 + i]!
                const r = correlation(y[l], x[8 * p + i])
                assert.closeTo(actual, fisherZ(r), r === 0 ? 0 : zBound(r, tolerance))
              }
            }
          }
          const behind = new Uint8Array(z.view.buffer, z.at + z.view.byteLength, 256)
          assert.isTrue(behind.every((byte) => byte === 0xff))
        }),
        { seed: 61, numRuns: 60 }
      )
    })

    it("and addZ together give the bits of correlateAndReduce", () => {
      fc.assert(
        fc.property(shape, ({ seed, timePoints, voxels, lesions }) => {
          const { panels, seeds, z, scratch, panelCount, blocks } = run(
            bench,
            makeProblem(seed, timePoints, voxels, lesions)
          )
          const [fused, apart] = [bench.int64(panelCount * blocks * 96), bench.int64(panelCount * blocks * 96)]
          const { kernels } = bench
          kernels.correlateAndReduce(panels.at, panelCount, seeds.at, timePoints, lesions, fused.at, scratch.at)
          assert.strictEqual(kernels.addZ(z.at, panelCount, voxels, lesions, apart.at, 6 * blocks, 45), 1)
          assert.deepStrictEqual(plainSums(apart.view, lesions, 1), plainSums(fused.view, lesions, 1))
        }),
        { seed: 62, numRuns: 60 }
      )
    })
  })
}
