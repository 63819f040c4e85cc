/**
 * Whether two cohorts agree on a contrast: the correlation over voxels of their statistic maps, for instance of one cohort on two connectomes.
 *
 * Formula: p = (1 + #{|r*| ≥ |r|})/(1 + B) over B permutations, each of the rows of either design by itself, within its blocks: what
 *   correlation maps without any effect have, as smooth as they are and in whatever shape the connectome gives them.
 * Memory: the maps of both cohorts, and 16 bytes a permutation and patient.
 */
import { Effect, Stream } from "effect"
import { distinctOrders } from "../../kernels/group/distinctOrders.ts"
import { correlationOfSums, pairSumsLength } from "../../kernels/group/pairSums.ts"
import { shuffleBlocks } from "../../kernels/group/permutations.ts"
import { drawsOf } from "../../kernels/group/philox.ts"
import type { CohortSource } from "./CohortSource.ts"
import type { ComparedContrast, ComparedVoxels } from "./comparisonTile.ts"
import { comparedPermutations, mostSpan, tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"

/** Correlations that differ by less are equal: rounding decides no tie. */
const tieTolerance = 1e-6

/** What tells the draws of either cohort from each other, and from those of a contrast itself. */
const [ofOne, ofOther] = [3, 4]

/** A contrast of a cohort, with where its values are. */
export interface CohortContrast {
  readonly design: GroupDesign
  readonly ranks: boolean
  readonly source: CohortSource
  /** Elements of the grid of the cohort's voxels, ascending. */
  readonly elements: Int32Array
}

export interface FoundComparison {
  /** Voxels that both have. */
  readonly voxels: number
  /** Undefined where a map is the same everywhere. */
  readonly r: number | undefined
  readonly p: number | undefined
  /** Elements of the grid that both have, and the other's statistic there. */
  readonly elements: Int32Array
  readonly otherStatistic: Float64Array
}

export const compareContrasts = Effect.fn("compareContrasts")(function* (
  pool: GroupPool,
  one: CohortContrast,
  other: CohortContrast,
  seed: number
) {
  const compared = { one: compare(one, seed, ofOne), other: compare(other, seed, ofOther) }
  const tiles = commonTiles(one.elements, other.elements)
  const sums = new Float64Array((1 + comparedPermutations) * pairSumsLength)
  const parts: Array<Float64Array> = []
  yield* Stream.fromIterable(tiles).pipe(
    Stream.mapEffect(
      (tile) =>
        pool.run({
          kind: "comparison",
          writesNothing: true,
          one: { ...compared.one, ...tile.one },
          other: { ...compared.other, ...tile.other, source: other.source },
          permutations: comparedPermutations
        }),
      { concurrency: pool.workers }
    ),
    Stream.runForEach((done) =>
      Effect.sync(() => {
        for (let n = 0; n < sums.length; n++) sums[n]! += done.sums[n]!
        parts.push(done.otherStatistic)
      })
    )
  )
  const elements = Int32Array.from(tiles.flatMap((tile) => Array.from(tile.elements)))
  const r = correlationOfSums(sums, 0, elements.length)
  const found: FoundComparison = {
    voxels: elements.length,
    r,
    p: r === undefined ? undefined : pOf(r, sums, elements.length),
    elements,
    otherStatistic: Float64Array.from(parts.flatMap((part) => Array.from(part)))
  }
  return found
})

const pOf = (r: number, sums: Float64Array, voxels: number): number => {
  let reaching = 0
  for (let index = 1; index <= comparedPermutations; index++) {
    const permuted = correlationOfSums(sums, index * pairSumsLength, voxels) ?? 0
    if (Math.abs(permuted) >= Math.abs(r) - tieTolerance) reaching++
  }
  return (1 + reaching) / (1 + comparedPermutations)
}

/** A contrast as workers need it, with random orders of its own. */
const compare = ({ design, ranks }: CohortContrast, seed: number, purpose: number): ComparedContrast => {
  const { basis, variance, kept, effect, blocks } = design
  const patients = kept.length
  const table = new Uint16Array(new SharedArrayBuffer(2 * comparedPermutations * patients))
  const { blocks: members } = distinctOrders([effect], blocks)
  const order = new Int32Array(patients)
  for (let index = 0; index < comparedPermutations; index++) {
    shuffleBlocks(members, drawsOf(seed, index, purpose), order)
    table.set(order, index * patients)
  }
  return { basis, variance, ranks, kept, table }
}

/** A piece of the voxels that both cohorts have, as ranges of either's voxels that hold it. */
interface CommonTile {
  readonly one: ComparedVoxels
  readonly other: ComparedVoxels
  readonly elements: Int32Array
}

/** Cuts the voxels that both have; a range also holds voxels between them that only its cohort has, up to `mostSpan` in all. */
const commonTiles = (one: Int32Array, other: Int32Array): ReadonlyArray<CommonTile> => {
  const [ofOne, ofOther] = commonVoxels(one, other)
  const tiles: Array<CommonTile> = []
  for (let first = 0; first < ofOne.length; ) {
    let end = first + 1
    while (
      end < ofOne.length &&
      end - first < tileVoxels &&
      Math.max(ofOne[end]! - ofOne[first]!, ofOther[end]! - ofOther[first]!) < mostSpan
    )
      end++
    tiles.push({
      one: voxelsOf(ofOne.subarray(first, end)),
      other: voxelsOf(ofOther.subarray(first, end)),
      elements: Int32Array.from(ofOne.subarray(first, end), (v) => one[v]!)
    })
    first = end
  }
  return tiles
}

const voxelsOf = (common: Int32Array): ComparedVoxels => {
  const firstVoxel = common[0]!
  return {
    range: { firstVoxel, voxels: common.at(-1)! - firstVoxel + 1 },
    common: common.map((voxel) => voxel - firstVoxel)
  }
}

/** Where the elements that are in both of two ascending lists stand in either. */
const commonVoxels = (one: Int32Array, other: Int32Array): readonly [Int32Array, Int32Array] => {
  const [ofOne, ofOther] = [new Int32Array(one.length), new Int32Array(one.length)]
  let count = 0
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    if (one[a] === other[b]) {
      ofOne[count] = a++
      ofOther[count++] = b++
    } else if (one[a]! < other[b]!) a++
    else b++
  }
  return [ofOne.subarray(0, count), ofOther.subarray(0, count)]
}
