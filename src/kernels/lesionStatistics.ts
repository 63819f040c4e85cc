/**
 * The statistics of one lesion, from its sums over subjects to its maps, each by the kernel of its row in a table.
 *
 * Shapes: the maps (voxels).
 * Numerics: float64; the formulas are in the kernels.
 * Memory: the maps, and scratch of 16 B a voxel, both of which may be used again. The sums are read where they lie.
 */
import type { LesionSums } from "./LesionSums.ts"

/** A map's name, and how it is computed. */
export interface MapKernel<Name extends string = string> {
  readonly name: Name
  /**
   * Fills `into`, of shape (voxels), from the lesion's sums, and from the maps of the rows above it.
   *
   * @param above by name
   * @param scratch Shape: (2 × voxels), with what the row above has left in it
   */
  readonly compute: (
    sums: LesionSums,
    into: Float64Array,
    above: { readonly [name: string]: Float64Array | undefined },
    scratch: Float64Array
  ) => void
}

/** Maps by name. Shape: (voxels) each. */
export type MapsByName<Name extends string> = Readonly<Record<Name, Float64Array<ArrayBuffer>>>

/** What the maps of a lesion are made in. */
export interface StatisticsMemory<Name extends string> {
  readonly maps: MapsByName<Name>
  readonly scratch: Float64Array
}

/** Arrays of (voxels) and 8 B a voxel that `scratch` takes. */
export const scratchArrays = 2

export const makeStatisticsMemory = <Name extends string>(
  rows: ReadonlyArray<MapKernel<Name>>,
  voxels: number
): StatisticsMemory<Name> => ({
  maps: Object.fromEntries(rows.map(({ name }) => [name, new Float64Array(voxels)])) as MapsByName<Name>,
  scratch: new Float64Array(scratchArrays * voxels)
})

/** Fills the maps of all rows. */
export const lesionStatistics = <Name extends string>(
  sums: LesionSums,
  rows: ReadonlyArray<MapKernel<Name>>,
  memory: StatisticsMemory<Name> = makeStatisticsMemory(rows, sums.voxels)
): MapsByName<Name> => {
  for (const { name, compute } of rows) compute(sums, memory.maps[name], memory.maps, memory.scratch)
  return memory.maps
}
