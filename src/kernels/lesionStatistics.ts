/**
 * The statistics of one lesion, from its sums over subjects to its maps, each by the kernel of its row in a table.
 *
 * Shapes: the maps (voxels).
 * Numerics: float64; the formulas are in the kernels.
 * Memory: the maps, and the scratch of a kernel. The sums are read where they lie.
 */
import type { LesionSums } from "./LesionSums.ts"

/** A map's name, and how it is computed. */
export interface MapKernel<Name extends string = string> {
  readonly name: Name
  /**
   * Fills `into`, of shape (voxels), from the lesion's sums, and from the maps of the rows above it.
   *
   * @param above by name
   */
  readonly compute: (
    sums: LesionSums,
    into: Float64Array,
    above: { readonly [name: string]: Float64Array | undefined }
  ) => void
}

/** The maps of all rows, by name. */
export const lesionStatistics = <Name extends string>(
  sums: LesionSums,
  rows: ReadonlyArray<MapKernel<Name>>
): Readonly<Record<Name, Float64Array<ArrayBuffer>>> => {
  const maps = {} as Record<Name, Float64Array<ArrayBuffer>>
  for (const { name, compute } of rows) {
    const map = new Float64Array(sums.voxels)
    compute(sums, map, maps)
    maps[name] = map
  }
  return maps
}
