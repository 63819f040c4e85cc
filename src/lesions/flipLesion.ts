/**
 * Mirrors a lesion at the plane x = 0, so that lesions of both hemispheres can be analysed as if all were in one.
 *
 * Only the affine changes: voxels keep their values and places in the file, and lie at -x mm. Templates such as MNI152NLin6Asym are not
 * symmetric: the mirrored place is near its counterpart in the other hemisphere, and not exactly it.
 */
import { apply } from "../imaging/affine.ts"
import type { Grid } from "../imaging/Grid.ts"
import type { Mask } from "../imaging/readMask.ts"

/** To which hemisphere lesions are mirrored. */
export type Flip = "left"

/** Distance from the plane x = 0 within which a voxel's centre lies in neither hemisphere. Headers hold float32. */
const midlineMm = 1e-3

/** Share of a lesion on its smaller side from which on it counts as one of both hemispheres. */
export const bilateralFrom = 0.1

/** On which side of the midline a mask lies. */
export interface Sides {
  /** Whether more of its volume lies at x > 0 than at x < 0; where as much lies on either side, it does not. */
  readonly isRight: boolean
  /** Share of the voxels on either side that lies on the smaller one. */
  readonly smallerShare: number
}

export const sidesOf = ({ elements, header }: Pick<Mask, "elements" | "header">): Sides => {
  const { affine, shape } = header.grid
  const [nx, ny] = shape
  let [left, right] = [0, 0]
  for (let n = 0; n < elements.length; n++) {
    const i = elements[n]! % nx
    const row = (elements[n]! - i) / nx
    const j = row % ny
    const [x] = apply(affine, i, j, (row - j) / ny)
    if (x > midlineMm) right++
    else if (x < -midlineMm) left++
  }
  return { isRight: right > left, smallerShare: Math.min(left, right) / Math.max(1, left + right) }
}

/** The grid whose voxels lie where those of another lie, mirrored at x = 0. */
export const mirroredGrid = ({ shape, affine }: Grid): Grid => ({
  shape,
  affine: affine.map((value, index) => (index < 4 ? 0 - value : value))
})

/** A mask mirrored at x = 0. */
export const mirrored = <M extends Mask>(mask: M): M => ({
  ...mask,
  header: { ...mask.header, grid: mirroredGrid(mask.header.grid) }
})
