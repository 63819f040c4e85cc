/**
 * A contrast over the maps of many patients by permutation: effect, statistic and partial correlation of each voxel, p by itself, corrected for
 * all voxels by the maximum, and adjusted for the false discovery rate.
 *
 * Voxels are cut into tiles, one a task of a worker; counts and maxima are exact, so that no bit depends on tiles or workers.
 * Source: Winkler et al. 2014, NeuroImage, doi:10.1016/j.neuroimage.2014.01.060
 */
import { Effect } from "effect"
import { benjaminiHochberg } from "../../kernels/benjaminiHochberg.ts"
import { familyWiseP } from "../../kernels/group/familyWiseP.ts"
import { fillOrderTable, orderTableBytes } from "../../kernels/group/orderTable.ts"
import { type Permutations, permutationP } from "../../kernels/group/permutations.ts"
import type { Phase } from "../../runtime/progressState.ts"
import { ContrastParts, type SpatialKind, withPermutations } from "./ContrastParts.ts"
import { contrastFingerprint, contrastPieces } from "./contrastPieces.ts"
import { tileVoxels } from "./contrastSizes.ts"
import type { ContrastData } from "./contrastTile.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"

/** Shapes: (voxels), but for `maxima` (permutations). */
export interface ContrastMaps {
  readonly effect: Float64Array
  /** t, or G. */
  readonly statistic: Float64Array
  /** z of the two-tailed p that t has; undefined with G, whose distribution is not known. */
  readonly z: Float64Array | undefined
  readonly correlation: Float64Array
  readonly p: Float64Array
  readonly familyWise: Float64Array
  readonly falseDiscovery: Float64Array
  readonly maxima: Float64Array
}

export interface ContrastRequest {
  readonly design: GroupDesign
  readonly ranks: boolean
  readonly permutations: Permutations
  /** Of the kernels. Default: fast. */
  readonly arithmetic?: "fast" | "strict"
}

/** A contrast as workers need it, its permutations drawn. */
export const contrastData = ({ design, ranks, permutations, arithmetic = "fast" }: ContrastRequest): ContrastData => {
  const { basis, kept, variance } = design
  const { all, count, distinct } = permutations
  const table = new Uint16Array(new SharedArrayBuffer(orderTableBytes(permutations, basis.patients)))
  fillOrderTable(permutations, { first: 0, end: count }, basis.patients, table)
  return { arithmetic, basis, variance, ranks, kept, permutations: { all, count, distinct }, table }
}

/** The phase of a contrast, of which each tile is a step. */
export const contrastPhase = (name: string, voxels: number): Phase => ({
  name: `contrast ${name}`,
  counts: "steps",
  steps: { of: Math.ceil(voxels / tileVoxels), name: "tiles" }
})

/** What a contrast is computed over. */
export interface ContrastVoxels {
  readonly voxels: number
  /** Fingerprint of the maps; undefined: tiles are not kept for a run that goes on with this one. */
  readonly content?: string | undefined
}

/** What the tiles of a contrast come to. Shapes: (voxels), but for `maxima` (permutations). */
export interface CountedContrast extends Omit<ContrastMaps, "p" | "familyWise" | "falseDiscovery"> {
  /** Permutations whose |statistic| is at least the observed one. */
  readonly counts: Uint32Array
}

/** The observed statistic of each voxel, and what the contrast's permutations come to. */
export const countContrast = Effect.fn("countContrast")(function* (
  pool: GroupPool,
  contrast: ContrastData,
  { voxels, content }: ContrastVoxels,
  tileDone: (isKept: boolean) => Effect.Effect<void>
) {
  const { permutations, variance } = contrast
  const { count } = permutations
  const kept = yield* contrastPieces(contrast, count === 0 ? undefined : content)
  const floats = () => new Float64Array(voxels)
  const [statistic, effect, correlation] = [floats(), floats(), floats()]
  const z = variance === undefined ? floats() : undefined
  const counts = new Uint32Array(voxels)
  const maxima = new Float64Array(count)
  const starts = Array.from({ length: Math.ceil(voxels / tileVoxels) }, (_, tile) => tile * tileVoxels)
  yield* Effect.forEach(
    starts,
    Effect.fnUntraced(function* (firstVoxel) {
      const own = Math.min(tileVoxels, voxels - firstVoxel)
      const task = { kind: "contrast", writesNothing: true, contrast, firstVoxel, voxels: own } as const
      const { arrays: done, isKept } = yield* kept.keptOr(`tile-${firstVoxel}`, pool.run(task))
      statistic.set(done.statistic, firstVoxel)
      z?.set(done.z, firstVoxel)
      effect.set(done.beta, firstVoxel)
      correlation.set(done.correlation, firstVoxel)
      counts.set(done.counts, firstVoxel)
      for (let n = 0; n < count; n++) maxima[n] = Math.max(maxima[n]!, done.maxima[n]!)
      yield* tileDone(isKept)
    }),
    { concurrency: pool.workers, discard: true }
  )
  return { effect, statistic, z, correlation, counts, maxima } satisfies CountedContrast as CountedContrast
})

export const computeContrast = Effect.fn("computeContrast")(function* (
  pool: GroupPool,
  contrast: ContrastData,
  where: ContrastVoxels,
  tileDone: (isKept: boolean) => Effect.Effect<void>
) {
  const parts = yield* mergedParts(contrast, where.content)
  const counted =
    parts === undefined
      ? yield* countContrast(pool, contrast, where, tileDone)
      : { ...(yield* countContrast(pool, withPermutations(contrast, none), where, tileDone)), ...parts }
  const { permutations } = contrast
  const { voxels } = where
  const { effect, statistic, z, correlation, counts, maxima } = counted
  const p = Float64Array.from(counts, (count) => permutationP(permutations, count))
  const [familyWise, falseDiscovery] = [new Float64Array(voxels), new Float64Array(voxels)]
  familyWiseP(statistic, maxima, permutations, familyWise)
  benjaminiHochberg(p, falseDiscovery, new Float64Array(voxels), new Uint32Array(2 * voxels))
  const found: ContrastMaps = { effect, statistic, z, correlation, p, familyWise, falseDiscovery, maxima }
  return found
})

const none = { first: 0, count: 0 }

/** What parts have come to, where these are merged. @param kind what of neighbours; default: what of voxels by themselves */
export const mergedParts = Effect.fnUntraced(function* (
  contrast: ContrastData,
  content: string | undefined,
  kind: SpatialKind = "nothing"
) {
  const parts = yield* ContrastParts
  if (parts === undefined || content === undefined) return undefined
  return yield* parts.of(contrastFingerprint(contrast, content), kind)
})
