import { assert, describe, it } from "@effect/vitest"
import { apply, identity, multiply, voxelSizeMm } from "../../../src/imaging/affine.ts"
import type { Affine } from "../../../src/imaging/Grid.ts"
import { qformOf, transformCode, writePlacement } from "../../../src/imaging/nifti/niftiPlacement.ts"

/** Sizes, then turns about x, y and z in degrees, then the place of the middle. */
const affineOf = (sizes: ReadonlyArray<number>, degrees: ReadonlyArray<number>, offset = [90, -126, -72]): Affine => {
  const [x, y, z] = degrees.map((degree) => (degree * Math.PI) / 180) as [number, number, number]
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(x), Math.sin(x), Math.cos(y), Math.sin(y), Math.cos(z), Math.sin(z)]
  const turns = [
    [1, 0, 0, 0, 0, cx, -sx, 0, 0, sx, cx, 0, 0, 0, 0, 1],
    [cy, 0, sy, 0, 0, 1, 0, 0, -sy, 0, cy, 0, 0, 0, 0, 1],
    [cz, -sz, 0, 0, sz, cz, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
  ].reduce<Affine>((product, turn) => multiply(product, turn), identity)
  const scaled = multiply(turns, [sizes[0]!, 0, 0, 0, 0, sizes[1]!, 0, 0, 0, 0, sizes[2]!, 0, 0, 0, 0, 1])
  return scaled.with(3, offset[0]!).with(7, offset[1]!).with(11, offset[2]!)
}

/** Axes in another order: element n of the voxel becomes element `order[n]` of the place. */
const permuted = (order: ReadonlyArray<number>, signs: ReadonlyArray<number>): Affine => {
  const affine = [0, 0, 0, 12, 0, 0, 0, -34, 0, 0, 0, 56, 0, 0, 0, 1]
  for (const [column, row] of order.entries()) affine[4 * row + column] = signs[column]! * (1 + column / 2)
  return affine
}

const shape = [182, 218, 182] as const

/** The header of a volume. */
const encoded = (affine: Affine, space?: string) => {
  const bytes = new Uint8Array(352)
  const view = new DataView(bytes.buffer)
  writePlacement(view, { shape, affine }, space)
  for (const [n, size] of voxelSizeMm(affine).entries()) view.setFloat32(80 + 4 * n, size, true)
  return view
}

/** The affine of a quaternion, by the formula of nifti1.h; a reader that takes the root as it comes, or one that clamps it. */
const readQform = (view: DataView): Affine => {
  const [b, c, d, x, y, z] = [0, 1, 2, 3, 4, 5].map((n) => view.getFloat32(256 + 4 * n, true)) as [
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)))
  const [i, j, k] = [80, 84, 88].map((byte) => view.getFloat32(byte, true)) as [number, number, number]
  const third = view.getFloat32(76, true) * k
  return [
    ...[(a * a + b * b - c * c - d * d) * i, 2 * (b * c - a * d) * j, 2 * (b * d + a * c) * third, x],
    ...[2 * (b * c + a * d) * i, (a * a + c * c - b * b - d * d) * j, 2 * (c * d - a * b) * third, y],
    ...[2 * (b * d - a * c) * i, 2 * (c * d + a * b) * j, (a * a + d * d - b * b - c * c) * third, z],
    ...[0, 0, 0, 1]
  ]
}

/** How far the places of the qform lie from those of the sform at the corners of a volume, in mm. */
const distanceMm = (affine: Affine): number => {
  const view = encoded(affine)
  assert.strictEqual(view.getInt16(252, true), 2)
  const [read, stored] = [readQform(view), affine.map(Math.fround)]
  const corners = [0, 1].flatMap((i) => [0, 1].flatMap((j) => [0, 1].map((k) => [i * 181, j * 217, k * 181] as const)))
  return Math.max(
    ...corners.map((corner) => {
      const [a, b] = [apply(read, ...corner), apply(stored, ...corner)]
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
    })
  )
}

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0]
]

describe("qformOf", () => {
  it("places grids of templates where their sform does, to well below a micrometre, however their axes lie", () => {
    const grids = [
      [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1],
      [2, 0, 0, -90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1],
      [1, 0, 0, -96, 0, 1, 0, -132, 0, 0, 1, -78, 0, 0, 0, 1],
      [-1.5, 0, 0, 90.5, 0, -2.4, 0, 100.25, 0, 0, -3.3, 71, 0, 0, 0, 1]
    ]
    for (const affine of grids) assert.isBelow(distanceMm(affine), 1e-6, String(affine))
    for (const order of orders) {
      for (let signs = 0; signs < 8; signs++) {
        const affine = permuted(
          order,
          [1, 2, 4].map((bit) => (signs & bit ? -1 : 1))
        )
        assert.isBelow(distanceMm(affine), 2e-4, String(affine))
      }
    }
  })

  it("places oblique and anisotropic grids, of either hand, within float32", () => {
    for (const turn of [
      [3, -2, 1],
      [12.5, 7, -33],
      [90, 15, 0],
      [0, 0, 179],
      [-170, 4, 60]
    ]) {
      for (const sizes of [
        [2, 2, 2],
        [-0.8, 0.8, 3.6],
        [1, -1.25, 1.5]
      ]) {
        const mm = distanceMm(affineOf(sizes, turn))
        assert.isBelow(mm, 0.01, `${turn} ${sizes}: ${mm}`)
      }
    }
  })

  it("gives none where the affine has shear, or float32 holds no such rotation", () => {
    const sheared = affineOf([2, 2, 2], [3, 2, 1]).with(1, 0.3)
    assert.isUndefined(qformOf({ shape, affine: sheared }, 4))
    // Not quite half a turn: the first component is the root of what rounding leaves.
    assert.isUndefined(qformOf({ shape, affine: affineOf([2, 2, 2], [0, 0, 179.9]) }, 4))
    const view = encoded(sheared)
    assert.deepStrictEqual(
      [view.getInt16(252, true), view.getInt16(254, true), view.getFloat32(76, true), view.getFloat32(256, true)],
      [0, 2, 1, 0]
    )
  })
})

describe("transformCode", () => {
  it("is 4 in every MNI152 space, 5 in other templates, and claims no template where none is named", () => {
    for (const space of ["MNI152NLin6Asym", "MNI152NLin2009cAsym", "MNI152Lin", "mni152nlin6asym"]) {
      assert.strictEqual(transformCode(space), 4, space)
    }
    for (const space of ["MNIPediatricAsym", "MNIInfant", "MNIColin27", "MNI305", "NMT", "OASIS30ANTs"]) {
      assert.strictEqual(transformCode(space), 5, space)
    }
    assert.strictEqual(transformCode(undefined), 2)
    const view = encoded([-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1], "NMT")
    assert.deepStrictEqual([view.getInt16(252, true), view.getInt16(254, true)], [5, 5])
  })
})
