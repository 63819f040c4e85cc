import { assert, describe, it } from "@effect/vitest"
import { column, standardised } from "./oracle.ts"
import { makeWorkbench, panelsOf, rawSubject, seeded, type Workbench } from "./workbench.ts"

const bench = await makeWorkbench("strict")

const pack = (raw: Float32Array, timePoints: number, voxels: number, first = 0, count = voxels) => {
  bench.clear()
  const source = bench.float32(raw.length, raw)
  const panels = bench.float32(panelsOf(count) * timePoints * 8)
  const invalid = bench.kernels.packVoxels(source.at, timePoints, voxels, first, count, panels.at)
  return { invalid, panels: panels.view.slice() }
}

const packed = (panels: Float32Array, timePoints: number, v: number): Float64Array =>
  Float64Array.from({ length: timePoints }, (_, t) => panels[((v >> 3) * timePoints + t) * 8 + (v & 7)]!)

describe("packVoxels", () => {
  it("agrees with float64 standardisation for any shape, and counts and zeroes what is invalid", () => {
    const random = seeded(11)
    for (let i = 0; i < 60; i++) {
      const timePoints = 3 + Math.floor(random() * 249)
      const voxels = 1 + Math.floor(random() * 70)
      const raw = rawSubject(random, timePoints, voxels)
      const { invalid, panels } = pack(raw, timePoints, voxels)
      let dead = 0
      for (let v = 0; v < panelsOf(voxels) * 8; v++) {
        const expected = v < voxels ? standardised(column(raw, timePoints, voxels, v)) : undefined
        const actual = packed(panels, timePoints, v)
        if (v < voxels && expected === undefined) dead++
        let worst = 0
        for (let t = 0; t < timePoints; t++) {
          const reference = expected?.[t] ?? 0
          worst = Math.max(worst, Math.abs(actual[t]! - reference) / (3 * Math.abs(reference) + 1))
        }
        // Three roundings of at most 2⁻²⁴ relative, and the mean's rounding, of at most 2⁻²⁵ of a norm.
        assert.isAtMost(worst, expected === undefined ? 0 : 2 ** -24)
      }
      assert.strictEqual(invalid, dead)
    }
  })

  it("packs a range of voxels to the same bits as the whole", () => {
    const random = seeded(12)
    const [timePoints, voxels] = [37, 53]
    const raw = rawSubject(random, timePoints, voxels)
    const whole = pack(raw, timePoints, voxels).panels
    for (const [first, count] of [
      [0, 8],
      [8, 45],
      [24, 29],
      [48, 5]
    ] as const) {
      const part = pack(raw, timePoints, voxels, first, count).panels
      const from = (first / 8) * timePoints * 8
      assert.deepStrictEqual(part, whole.slice(from, from + part.length))
    }
  })

  it("finds no variance in a constant voxel, whatever its mean", () => {
    const means = [0, 1e-30, 0.1, 1 / 3, 1e4, 16_777_217, 1e6 / 3, -7e30]
    const raw = Float32Array.from({ length: 120 * means.length }, (_, i) => means[i % means.length]!)
    const { invalid, panels } = pack(raw, 120, means.length)
    assert.strictEqual(invalid, means.length)
    assert.isTrue(panels.every((value) => value === 0))
  })

  it("is unchanged by a mean or a scale that float32 holds exactly", () => {
    const random = seeded(13)
    const base = Float32Array.from({ length: 121 * 8 }, () => Math.floor(random() * 1024) - 512)
    const reference = pack(base, 121, 8).panels
    for (const [scale, mean] of [
      [1, 1e4],
      [1, -1e6],
      [2 ** 20, 0],
      [2 ** -100, 0]
    ] as const) {
      assert.deepStrictEqual(
        pack(
          base.map((value) => value * scale + mean),
          121,
          8
        ).panels,
        reference
      )
    }
  })

  it("loses nothing to a first time point far from all others", () => {
    const random = seeded(14)
    const raw = Float32Array.from({ length: 200 * 8 }, (_, i) => (i < 8 ? 1e7 : random()))
    const { panels } = pack(raw, 200, 8)
    for (let v = 0; v < 8; v++) {
      const expected = standardised(column(raw, 200, 8, v))!
      const actual = packed(panels, 200, v)
      for (let t = 0; t < 200; t++) assert.closeTo(actual[t]!, expected[t]!, 2e-7)
    }
  })

  it("writes nothing beyond its panels", () => {
    bench.clear()
    const raw = rawSubject(seeded(15), 9, 13)
    const source = bench.float32(raw.length, raw)
    const before = guard(bench)
    const panels = bench.float32(2 * 9 * 8)
    const after = guard(bench)
    bench.kernels.packVoxels(source.at, 9, 13, 0, 13, panels.at)
    for (const area of [before, after]) assert.isTrue(area.every((value) => value === 0))
    assert.deepStrictEqual(source.view, raw)
  })
})

const guard = (workbench: Workbench): Float32Array => workbench.float32(64).view
