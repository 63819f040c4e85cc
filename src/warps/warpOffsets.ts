/**
 * Where the voxels of a grid lie on a grid of another template space: for resampling in that space, as what a warp adds to the index that
 * the affines alone would give.
 *
 * Offsets are small, so that float32 holds them to 10⁻⁶ of a voxel; and a warp that moves nothing changes nothing.
 */
import { invert } from "../imaging/affine.ts"
import { type Box, boxAround, elementsWithin, indexBoxOf, reachOf } from "../imaging/elementsNear.ts"
import type { Grid } from "../imaging/Grid.ts"
import { writeCentres } from "./sampleAtPoints.ts"
import { boxBefore, type Warp, warpPoints } from "./Warp.ts"

/** Voxels of which the offsets are computed in one go: some milliseconds. */
const sliceVoxels = 2 ** 14

/** Lists the elements of `target` that linear resampling may give a value of some elements of `source`, once the warp has taken them there. */
export const warpedElementsNear = (
  target: Grid,
  source: Grid,
  elements: Int32Array,
  warp: Warp,
  allocate?: (count: number) => Int32Array
): Int32Array => {
  const there: Box = boxAround(source.affine, reachOf(indexBoxOf(source, elements), "linear"))
  return elementsWithin(target, boxAround(invert(target.affine), boxBefore(warp, there)), allocate)
}

/**
 * Writes the offsets of elements of `target`, in voxels of `source`; in slices, between which others may run.
 *
 * Shapes: `into` (elements, 3).
 *
 * Formula: source affine⁻¹ · (warp(x) - x), with x the element's centre in mm.
 */
export function* writeWarpOffsets(
  { target, source, elements }: { readonly target: Grid; readonly source: Grid; readonly elements: Int32Array },
  warp: Warp,
  into: Float32Array
): Generator<void, void> {
  const m = invert(source.affine)
  const centres = new Float64Array(3 * sliceVoxels)
  for (let start = 0; start < elements.length; start += sliceVoxels) {
    const slice = centres.subarray(0, 3 * Math.min(sliceVoxels, elements.length - start))
    writeCentres(target, (n) => elements[start + n]!, slice)
    const warped = slice.slice()
    warpPoints(warp, warped)
    for (let n = 0; n < slice.length; n += 3) {
      const [x, y, z] = [warped[n]! - slice[n]!, warped[n + 1]! - slice[n + 1]!, warped[n + 2]! - slice[n + 2]!]
      const at = 3 * start + n
      into[at] = m[0]! * x + m[1]! * y + m[2]! * z
      into[at + 1] = m[4]! * x + m[5]! * y + m[6]! * z
      into[at + 2] = m[8]! * x + m[9]! * y + m[10]! * z
    }
    yield
  }
}

/** Numbers that an offset has. */
export const offsetNumbers = 3
