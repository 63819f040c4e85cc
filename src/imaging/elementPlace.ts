/** Where an element of a grid's volume lies: its indices, and its place in mm. */
import { apply, type Point } from "./affine.ts"
import type { Grid } from "./Grid.ts"

/** Indices (i, j, k) of an element of a grid's volume. */
export const indicesOf = ({ shape: [nx, ny] }: Grid, element: number): Point => {
  const i = element % nx
  const row = (element - i) / nx
  const j = row % ny
  return [i, j, (row - j) / ny]
}

/** Where an element lies. */
export const positionOf = (grid: Grid, element: number): Point => apply(grid.affine, ...indicesOf(grid, element))
