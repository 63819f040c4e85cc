/**
 * The maps of some permutations' statistic in memory that workers share: whole, or of each the voxels at or beyond a threshold, which are
 * few. Free of Effect, for workers.
 */

/** A range of permutations. */
export interface PermutedRange {
  readonly first: number
  readonly count: number
}

export type PermutedMaps = WholeMaps | StrongVoxels

export interface WholeMaps {
  /** Shared. Shape: (permutations, voxels). */
  readonly maps: Float32Array
  readonly voxels: number
}

/** Voxels and values of permutation n are those from `starts[n]` to `starts[n + 1]`. */
export interface StrongOfTile {
  readonly starts: Uint32Array
  readonly strong: Uint32Array
  readonly values: Float32Array
}

export interface StrongVoxels extends StrongOfTile {
  readonly voxels: number
}

/** Room for so many whole maps. Memory: 4 B a permutation and voxel. */
export const makeWholeMaps = (permutations: number, voxels: number): WholeMaps => ({
  maps: new Float32Array(new SharedArrayBuffer(4 * permutations * voxels)),
  voxels
})

/** Puts the strong voxels of tiles together, whose numbers begin at `firstVoxel` of each. Memory: 8 B a strong voxel, shared. */
export const joinTiles = (
  tiles: ReadonlyArray<StrongOfTile & { readonly firstVoxel: number }>,
  permutations: number,
  voxels: number
): StrongVoxels => {
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (permutations + 1)))
  const total = tiles.reduce((sum, tile) => sum + tile.strong.length, 0)
  const strong = new Uint32Array(new SharedArrayBuffer(4 * total))
  const values = new Float32Array(new SharedArrayBuffer(4 * total))
  let at = 0
  for (let n = 0; n < permutations; n++) {
    for (const tile of tiles) {
      const end = tile.starts[n + 1]!
      for (let k = tile.starts[n]!; k < end; k++, at++) {
        strong[at] = tile.firstVoxel + tile.strong[k]!
        values[at] = tile.values[k]!
      }
    }
    starts[n + 1] = at
  }
  return { starts, strong, values, voxels }
}

/** Reads one map after the other; each is overwritten by the next. Voxels that are not strong are 0. */
export const mapReader = (from: PermutedMaps): ((index: number) => Float32Array) => {
  const { voxels } = from
  if ("maps" in from) return (index) => from.maps.subarray(index * voxels, (index + 1) * voxels)
  const map = new Float32Array(voxels)
  return (index) => {
    map.fill(0)
    for (let k = from.starts[index]!; k < from.starts[index + 1]!; k++) map[from.strong[k]!] = from.values[k]!
    return map
  }
}
