/** Maps on the grid of a lesion that lies in another template: against points that are warped one by one, and there and back. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { apply, invert, type Point } from "../../src/imaging/affine.ts"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { type BrainGrid, fillVolume, type MapTarget, makeMapMemory, mapGridOf } from "../../src/output/mapVolume.ts"
import { allSlices } from "../../src/runtime/allSlices.ts"
import { readItkTransform } from "../../src/warps/readItkTransform.ts"
import { type Warp, warpPoints } from "../../src/warps/Warp.ts"
import { repository } from "../support/runLnm.ts"
import { voxelAt } from "../support/tinyConnectome.ts"
import { undone } from "../support/undoneWarp.ts"

const composite = readItkTransform(join(repository, "test/fixtures/warp/composite.h5"))

const still: Warp = [{ kind: "affine", matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }]

/** The connectome's: first axis to the left. */
const brainGrid: Grid = { shape: [36, 44, 36], affine: [-4, 0, 0, 70, 0, 4, 0, -100, 0, 0, 4, -60, 0, 0, 0, 1] }
/** A lesion's, finer in one direction and turned. */
const lesionGrid: Grid = { shape: [50, 60, 30], affine: [0, 3, 0, -90, 3.5, 0, 0, -85, 0, 0, 5, -62, 0, 0, 0, 1] }

const placeOf = (grid: Grid, element: number): Point => {
  const [i, j, k] = voxelAt(grid, element)
  return apply(grid.affine, i!, j!, k!)
}

const inBrain = ([x, y, z]: Point) => Math.hypot(x / 55, (y + 14) / 70, (z - 10) / 55) < 1

const elementsOf = (grid: Grid, isIn: (place: Point) => boolean) =>
  Int32Array.from({ length: voxelsOf(grid) }, (_, v) => v).filter((v) => isIn(placeOf(grid, v)))

const brain: BrainGrid = { grid: brainGrid, gridIndex: elementsOf(brainGrid, inBrain) }

/** Smooth, and stronger on the left. */
const valueAt = ([x, y, z]: Point) =>
  2 * Math.exp(-(((x + 25) / 25) ** 2)) + Math.sin(x / 17 + y / 23) * Math.cos(z / 19)

const valuesOf = ({ grid, gridIndex }: BrainGrid) => Float64Array.from(gridIndex, (v) => valueAt(placeOf(grid, v)))

const memory = makeMapMemory({ brainGridVoxels: 100_000, mapGridVoxels: 100_000, resamples: true, warps: true })

const put = (
  values: Float64Array | Uint8Array,
  background: number,
  from: BrainGrid,
  target: MapTarget,
  within = memory
) => {
  const volume = new (values instanceof Uint8Array ? Uint8Array : Float32Array)(voxelsOf(target.grid))
  const mapGrid = allSlices(mapGridOf(target, from, within))
  allSlices(fillVolume({ values, background }, from, mapGrid, volume, within))
  return volume
}

const by = (warp: Warp, sha256 = "one") => ({ sha256, warp })

/** The same by one point after the other, over all voxels of the target. */
const naively = (
  values: Float64Array | Uint8Array,
  background: number,
  { grid, gridIndex }: BrainGrid,
  target: Grid,
  warp: Warp
) => {
  const source = new Float64Array(voxelsOf(grid)).fill(background)
  for (const [n, element] of gridIndex.entries()) source[element] = values[n]!
  const inverse = invert(grid.affine)
  const [nx, ny, nz] = grid.shape
  const at = (i: number, j: number, k: number, outside: number) =>
    i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz ? source[i + nx * (j + ny * k)]! : outside
  return Float64Array.from({ length: voxelsOf(target) }, (_, v) => {
    const point = Float64Array.from(placeOf(target, v))
    warpPoints(warp, point)
    const [x, y, z] = apply(inverse, point[0]!, point[1]!, point[2]!)
    if (values instanceof Uint8Array) return at(Math.floor(x + 0.5), Math.floor(y + 0.5), Math.floor(z + 0.5), 0)
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)]
    let sum = 0
    for (const [di, dj, dk] of [0, 1, 2, 3, 4, 5, 6, 7].map((c) => [c & 1, (c >> 1) & 1, c >> 2] as const)) {
      const weight = (di ? x - i : 1 - x + i) * (dj ? y - j : 1 - y + j) * (dk ? z - k : 1 - z + k)
      sum += weight * at(i + di, j + dj, k + dk, background)
    }
    return sum
  })
}

const correlation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const product = (f: (n: number) => number) => a.reduce((sum, _, n) => sum + f(n), 0)
  const across = product((n) => (a[n]! - ma) * (b[n]! - mb))
  return across / Math.sqrt(product((n) => (a[n]! - ma) ** 2) * product((n) => (b[n]! - mb) ** 2))
}

describe("a map on the grid of a lesion of the other template", () => {
  it.effect(
    "has at each voxel the trilinear value at the voxel's point, or the mask's nearest, and the background beyond",
    () =>
      Effect.gen(function* () {
        const warp = yield* composite
        const values = valuesOf(brain)
        const target = { grid: lesionGrid, warp: by(warp) }
        for (const background of [0, 1]) {
          const found = put(values, background, brain, target)
          const expected = naively(values, background, brain, lesionGrid, warp)
          const furthest = Math.max(...expected.map((value, v) => Math.abs(value - found[v]!)))
          // A voxel's index is rounded by 1e-6, and values differ by up to 2 from one voxel to the next.
          assert.isBelow(furthest, 5e-6)
          assert.isAbove(expected.filter((value) => value !== background).length, 1000)
        }
        const mask = Uint8Array.from(values, (value) => (value > 1 ? 1 : 0))
        const found = put(mask, 0, brain, target)
        assert.deepStrictEqual([...found], [...naively(mask, 0, brain, lesionGrid, warp)])
        assert.isAbove([...found].filter((value) => value === 1).length, 500)
      })
  )

  it("is that of no warp where the warp moves nothing, and on the connectome's own grid too", () => {
    const values = valuesOf(brain)
    for (const grid of [lesionGrid, brainGrid]) {
      const found = put(values, 1, brain, { grid, warp: by(still, "still") })
      assert.deepStrictEqual(found, put(values, 1, brain, { grid }))
    }
  })

  it.effect("is of its own target, whatever lay in the memory before", () =>
    Effect.gen(function* () {
      const warp = yield* composite
      const values = valuesOf(brain)
      const half = { grid: brainGrid, gridIndex: brain.gridIndex.subarray(0, brain.gridIndex.length / 2) }
      const targets: ReadonlyArray<readonly [BrainGrid, MapTarget]> = [
        [brain, { grid: lesionGrid, warp: by(warp) }],
        [half, { grid: lesionGrid, warp: by(warp) }],
        [brain, { grid: lesionGrid, warp: by(undone(warp), "other") }],
        [brain, { grid: lesionGrid }],
        [brain, { grid: { ...lesionGrid, shape: [40, 60, 30] }, warp: by(warp) }]
      ]
      for (const [from, target] of [...targets, ...targets]) {
        const own = values.subarray(0, from.gridIndex.length)
        const fresh = makeMapMemory({ brainGridVoxels: 100_000, mapGridVoxels: 100_000, resamples: true, warps: true })
        assert.deepStrictEqual(put(own, 0, from, target), put(own, 0, from, target, fresh))
      }
    })
  )

  it.effect("comes back to itself by the warp of the other way, and left stays left", () =>
    Effect.gen(function* () {
      const warp = yield* composite
      const there: Grid = { ...brainGrid, affine: brainGrid.affine.map((value, at) => (at === 7 ? value - 2 : value)) }
      const values = valuesOf(brain)
      const brought = put(values, 0, brain, { grid: there, warp: by(warp) })
      const all = { grid: there, gridIndex: Int32Array.from({ length: voxelsOf(there) }, (_, v) => v) }
      const back = put(Float64Array.from(brought), 0, all, { grid: brainGrid, warp: by(undone(warp), "other") })
      // Away from the border, where interpolation fades into the background.
      const deep = elementsOf(brainGrid, ([x, y, z]) => Math.hypot(x / 42, (y + 14) / 57, (z - 10) / 42) < 1)
      const at = (volume: ArrayLike<number>) => Array.from(deep, (v) => volume[v]!)
      const original = at(put(values, 0, brain, { grid: brainGrid }))
      assert.isAbove(correlation(original, at(back)), 0.995)
      assert.isBelow(correlation(original, at(brought)), 0.98)
      const leftness = (volume: ArrayLike<number>, grid: Grid) =>
        Array.from(volume).reduce((sum, value, v) => sum + value * Math.sign(placeOf(grid, v)[0]), 0)
      assert.isBelow(leftness(brought, there), 0)
      assert.isBelow(leftness(back, brainGrid), 0)
    })
  )
})
