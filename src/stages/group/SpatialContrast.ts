/**
 * What of a contrast depends on neighbours: TFCE, and extent and mass of clusters, each with p corrected for all voxels by the largest of
 * each permutation.
 *
 * The statistic of each permutation is needed at all voxels together: for TFCE whole, for clusters where it is beyond their threshold. It is
 * computed for as many permutations at once as memory holds: tiles of voxels first, one a task of a worker, then the maps, some a task.
 * Nothing depends on how many these are.
 * Source: Smith & Nichols 2009, NeuroImage, doi:10.1016/j.neuroimage.2008.03.061
 */
import { Effect } from "effect"
import { faceNeighbours } from "../../kernels/group/faceNeighbours.ts"
import { familyWiseP } from "../../kernels/group/familyWiseP.ts"
import { tOfTwoTailedP } from "../../kernels/group/formingThreshold.ts"
import { formingP, sumTiedFrom } from "../../kernels/group/groupPolicy.ts"
import type { SpatialMaps, SpatialOptions } from "../../kernels/group/spatialStatistics.ts"
import type { Pieces } from "../../output/KeptPieces.ts"
import type { Phase } from "../../runtime/progressState.ts"
import type { VoxelRange } from "./CohortSource.ts"
import { mergedParts } from "./Contrast.ts"
import { contrastPieces } from "./contrastPieces.ts"
import { mapsOfTask, permutationsAtOnce, tileVoxels } from "./contrastSizes.ts"
import type { ContrastData } from "./contrastTile.ts"
import type { GroupPool } from "./GroupWork.ts"
import { joinTiles, makeWholeMaps, type PermutedMaps, type PermutedRange, type WholeMaps } from "./permutedMaps.ts"

export interface SpatialRequest {
  readonly contrast: ContrastData
  /** Grid elements of the voxels, ascending, and the sizes of the grid's axes. */
  readonly elements: Int32Array
  readonly shape: readonly [number, number, number]
  readonly tfce: boolean
  /** Bytes that the maps of permutations may take. */
  readonly mapBytes: number
  /** Fingerprint of the maps; undefined: maxima are not kept for a run that goes on with this one. */
  readonly content?: string | undefined
}

/** The phase of clusters, of which each permutation is a step. */
export const spatialPhase = (name: string, permutations: number): Phase => ({
  name: `clusters of contrast ${name}`,
  counts: "steps",
  steps: { of: permutations, name: "permutations" }
})

/** Shapes of the maps: (voxels); of the maxima: (permutations). */
export interface SpatialFindings {
  /** The |statistic| that forms clusters. */
  readonly threshold: number
  readonly observed: SpatialMaps
  readonly familyWise: SpatialMaps
  readonly maxima: SpatialMaps
}

export const computeSpatial = Effect.fn("computeSpatial")(function* (
  pool: GroupPool,
  request: SpatialRequest,
  permutationsDone: (count: number, isKept: boolean) => Effect.Effect<void>
) {
  const { contrast, elements, content } = request
  const { permutations } = contrast
  const options = spatialOptions(request)
  const observed = yield* observedMaps(pool, contrast, options)
  const parts = yield* mergedParts(contrast, content, request.tfce ? "tfce" : "clusters")
  const maxima = parts ?? (yield* spatialMaxima(pool, request, options, permutationsDone))
  const familyWise = mapsOfLength(elements.length)
  familyWiseP(observed.enhanced, maxima.enhanced, permutations, familyWise.enhanced, sumTiedFrom)
  familyWiseP(observed.extents, maxima.extents, permutations, familyWise.extents, Math.abs)
  familyWiseP(observed.masses, maxima.masses, permutations, familyWise.masses, sumTiedFrom)
  const { threshold } = options
  return { threshold, observed, familyWise, maxima } satisfies SpatialFindings as SpatialFindings
})

/** How neighbours enter a contrast. */
export const spatialOptions = ({ contrast, elements, shape, tfce }: SpatialRequest): SpatialOptions => {
  const neighbours = new Int32Array(new SharedArrayBuffer(24 * elements.length))
  faceNeighbours(elements, shape, neighbours)
  return { neighbours, tfce, threshold: tOfTwoTailedP(formingP, contrast.basis.degreesOfFreedom) }
}

/** The largest TFCE, extent and mass of each of the contrast's permutations. */
export const spatialMaxima = Effect.fn("spatialMaxima")(function* (
  pool: GroupPool,
  { contrast, elements, mapBytes, content }: SpatialRequest,
  options: SpatialOptions,
  permutationsDone: (count: number, isKept: boolean) => Effect.Effect<void>
) {
  const { permutations } = contrast
  const { tfce } = options
  const maxima = mapsOfLength(permutations.count)
  const atOnce = permutationsAtOnce(permutations.count, elements.length, tfce, mapBytes)
  const into = tfce ? makeWholeMaps(atOnce, elements.length) : undefined
  const kept = yield* contrastPieces(contrast, content)
  for (let first = 0; first < permutations.count; first += atOnce) {
    const range = { first, count: Math.min(atOnce, permutations.count - first) }
    const computed = Effect.gen(function* () {
      const from =
        into === undefined
          ? yield* strongVoxels(pool, contrast, range, { options, kept })
          : yield* writeWhole(pool, contrast, range, into)
      const own = mapsOfLength(range.count)
      yield* largestOf(pool, { options, from, count: range.count }, (from, done) => {
        own.enhanced.set(done.enhanced, from)
        own.extents.set(done.extents, from)
        own.masses.set(done.masses, from)
        return permutationsDone(done.extents.length, false)
      })
      return own
    })
    const name = `${tfce ? "enhanced" : "clusters"}-${first}-${range.count}`
    const { arrays: own, isKept } = yield* kept.keptOr(name, computed)
    maxima.enhanced.set(own.enhanced, first)
    maxima.extents.set(own.extents, first)
    maxima.masses.set(own.masses, first)
    if (isKept) yield* permutationsDone(range.count, true)
  }
  return maxima
})

const mapsOfLength = (length: number): SpatialMaps => ({
  enhanced: new Float64Array(length),
  extents: new Float64Array(length),
  masses: new Float64Array(length)
})

/** The maps of the order as it is. */
const observedMaps = Effect.fnUntraced(function* (pool: GroupPool, contrast: ContrastData, options: SpatialOptions) {
  const asItIs: ContrastData = {
    ...contrast,
    permutations: { ...contrast.permutations, count: 1 },
    table: Uint16Array.from({ length: contrast.basis.patients }, (_, patient) => patient)
  }
  const range = { first: 0, count: 1 }
  const from = yield* writeWhole(pool, asItIs, range, makeWholeMaps(1, voxelsOf(options)))
  const done = yield* pool.run({ kind: "spatial", writesNothing: true, options, from, range, keepsMaps: true })
  return done.maps!
})

const voxelsOf = ({ neighbours }: SpatialOptions): number => neighbours.length / 6

const tilesOf = (voxels: number): ReadonlyArray<VoxelRange> =>
  Array.from({ length: Math.ceil(voxels / tileVoxels) }, (_, tile) => {
    const firstVoxel = tile * tileVoxels
    return { firstVoxel, voxels: Math.min(tileVoxels, voxels - firstVoxel) }
  })

/** Writes the whole maps of a range of permutations, tile by tile. */
const writeWhole = (pool: GroupPool, contrast: ContrastData, range: PermutedRange, into: WholeMaps) =>
  Effect.forEach(tilesOf(into.voxels), (tile) => pool.run({ kind: "permuted", contrast, range, into, ...tile }), {
    concurrency: pool.workers,
    discard: true
  }).pipe(Effect.as(into))

/** The voxels at or beyond the threshold of clusters of a range of permutations; those of each tile are kept. */
const strongVoxels = Effect.fnUntraced(function* (
  pool: GroupPool,
  contrast: ContrastData,
  range: PermutedRange,
  { options, kept }: { readonly options: SpatialOptions; readonly kept: Pieces }
) {
  const { threshold } = options
  const { first, count } = range
  const tiles = yield* Effect.forEach(
    tilesOf(voxelsOf(options)),
    (tile) => {
      const task = { kind: "strong", writesNothing: true, contrast, range, threshold, ...tile } as const
      return Effect.map(kept.keptOr(`strong-${first}-${count}-${tile.firstVoxel}`, pool.run(task)), ({ arrays }) => ({
        ...arrays,
        firstVoxel: tile.firstVoxel
      }))
    },
    { concurrency: pool.workers }
  )
  return joinTiles(tiles, count, voxelsOf(options))
})

interface WrittenMaps {
  readonly options: SpatialOptions
  readonly from: PermutedMaps
  readonly count: number
}

/** Gives the largest of the maps to `take`, with the number of the first one. */
const largestOf = (
  pool: GroupPool,
  { options, from, count }: WrittenMaps,
  take: (from: number, done: Omit<SpatialMaps, "maps">) => Effect.Effect<void>
) => {
  const each = mapsOfTask(count, pool.workers, options.tfce)
  const starts = Array.from({ length: Math.ceil(count / each) }, (_, task) => task * each)
  return Effect.forEach(
    starts,
    (first) => {
      const range = { first, count: Math.min(each, count - first) }
      const task = { kind: "spatial", writesNothing: true, options, from, range, keepsMaps: false } as const
      return Effect.flatMap(pool.run(task), (done) => take(first, done))
    },
    { concurrency: pool.workers, discard: true }
  )
}
