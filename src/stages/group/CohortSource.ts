/**
 * Where the values of a cohort's maps lie, so that workers can take any range of voxels of any patients from it. Plain data, which a message
 * to a worker can hold.
 *
 * Voxels are those that all patients have, numbered along `elements` of the cohort. Free of Effect, for workers.
 */
import { readScratchRow, type ScratchRows } from "./scratchRows.ts"

export type CohortSource = CohortInMemory | CohortOnDisk

export interface CohortInMemory {
  /** Fisher z, shared. Shape: (patients, rowVoxels). */
  readonly maps: Float32Array
  readonly rowVoxels: number
}

export interface CohortOnDisk {
  readonly scratch: ScratchRows
  /** Place of each voxel in a row of the scratch file, ascending; shared. */
  readonly columns: Int32Array
}

/** A range of voxels. */
export interface VoxelRange {
  readonly firstVoxel: number
  readonly voxels: number
}

/** The values of patients, by their rows, in a range of voxels. Shape: (patients, voxels). */
export const readTile = (source: CohortSource, patients: Int32Array, range: VoxelRange): Float32Array => {
  const tile = new Float32Array(patients.length * range.voxels)
  if ("maps" in source) readFromMemory(source, patients, range, tile)
  else readFromDisk(source, patients, range, tile)
  return tile
}

const readFromMemory = (
  { maps, rowVoxels }: CohortInMemory,
  patients: Int32Array,
  { firstVoxel, voxels }: VoxelRange,
  tile: Float32Array
): void => {
  for (let n = 0; n < patients.length; n++) {
    const from = patients[n]! * rowVoxels + firstVoxel
    tile.set(maps.subarray(from, from + voxels), n * voxels)
  }
}

const readFromDisk = (
  { scratch, columns }: CohortOnDisk,
  patients: Int32Array,
  { firstVoxel, voxels }: VoxelRange,
  tile: Float32Array
): void => {
  if (voxels === 0) return
  const first = columns[firstVoxel]!
  const span = columns[firstVoxel + voxels - 1]! - first + 1
  // With voxels between them that not all patients have.
  const wide = span > voxels ? new Float32Array(span) : undefined
  for (let n = 0; n < patients.length; n++) {
    const own = tile.subarray(n * voxels, (n + 1) * voxels)
    readScratchRow(scratch, patients[n]!, first, wide ?? own)
    if (wide === undefined) continue
    for (let k = 0; k < voxels; k++) own[k] = wide[columns[firstVoxel + k]! - first]!
  }
}
