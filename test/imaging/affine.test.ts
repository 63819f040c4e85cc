import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  apply,
  determinant,
  identity,
  invert,
  isSingular,
  multiply,
  voxelSizeMm,
  voxelVolumeMm3
} from "../../src/imaging/affine.ts"
import type { Affine } from "../../src/imaging/Grid.ts"

const flipped: Affine = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 3, -72, 0, 0, 0, 1]

/** Rotation about the axes, positive voxel sizes and a shift. */
const affines = fc
  .tuple(
    fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
    fc.array(fc.double({ min: 0.5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }),
    fc.array(fc.double({ min: -200, max: 200, noNaN: true }), { minLength: 3, maxLength: 3 })
  )
  .map(([[a, b, c], [x, y, z], [tx, ty, tz]]) => {
    const about = (axis: number, angle: number): Affine => {
      const m = [...identity]
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
      m[5 * u] = m[5 * v] = Math.cos(angle)
      m[4 * u + v] = -Math.sin(angle)
      m[4 * v + u] = Math.sin(angle)
      return m
    }
    const scaled: Affine = [x!, 0, 0, 0, 0, y!, 0, 0, 0, 0, z!, 0, 0, 0, 0, 1]
    const moved: Affine = [1, 0, 0, tx!, 0, 1, 0, ty!, 0, 0, 1, tz!, 0, 0, 0, 1]
    return [moved, about(0, a!), about(1, b!), about(2, c!), scaled].reduce(multiply)
  })

const close = (actual: ReadonlyArray<number>, expected: ReadonlyArray<number>, tolerance = 1e-9) => {
  for (const [index, value] of expected.entries()) assert.closeTo(actual[index]!, value, tolerance)
}

describe("affine", () => {
  it("places voxels in millimetres", () => {
    assert.deepStrictEqual(apply(flipped, 0, 0, 0), [90, -126, -72])
    assert.deepStrictEqual(apply(flipped, 45, 63, 24), [0, 0, 0])
  })

  it("measures a voxel whatever its handedness", () => {
    assert.strictEqual(voxelVolumeMm3(flipped), 12)
    assert.strictEqual(determinant(flipped), -12)
    assert.deepStrictEqual(voxelSizeMm(flipped), [2, 2, 3])
  })

  it("inverts every rotation, scaling and shift: there and back is where one was", () => {
    fc.assert(
      fc.property(affines, (affine) => {
        close(multiply(affine, invert(affine)), identity)
        close(multiply(invert(affine), affine), identity)
        assert.isFalse(isSingular(affine))
      }),
      { seed: 1 }
    )
  })

  it("applies the second factor of a product first", () => {
    fc.assert(
      fc.property(affines, affines, (a, b) => {
        const [x, y, z] = apply(b, 1, 2, 3)
        close(apply(multiply(a, b), 1, 2, 3), apply(a, x, y, z), 1e-7)
      }),
      { seed: 2 }
    )
  })

  it("calls an affine singular where an axis has no length, axes lie in a plane, or a number is missing", () => {
    assert.isTrue(isSingular([0, 0, 0, 1, 0, 2, 0, 1, 0, 0, 2, 1, 0, 0, 0, 1]))
    assert.isTrue(isSingular([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]))
    assert.isTrue(isSingular([1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 1]))
    assert.isTrue(isSingular([1, 0, 0, Number.NaN, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]))
    assert.isFalse(isSingular([1e-4, 0, 0, 0, 0, 1e-4, 0, 0, 0, 0, 1e-4, 0, 0, 0, 0, 1]))
  })
})
