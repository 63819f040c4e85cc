/**
 * How much each group map is like what any map of the connectome is like: its degree, and the first components of the patients' maps.
 *
 * r is Pearson's over voxels, Dice that of the 5 % of voxels with the largest values, with their sign. The sign of a component is arbitrary,
 * so that its Dice is of the direction in which it goes with the map.
 */
import { Effect } from "effect"
import { topOverlap } from "../../kernels/group/topOverlap.ts"
import { mapSimilarity } from "../../kernels/mapSimilarity.ts"

/** Share of the voxels that are compared by Dice. */
export const topShare = 0.05

/** A map over the cohort's voxels. */
export interface GroupMap {
  /** As in its file's name, without the space: desc-aphasia_stat-t. */
  readonly name: string
  readonly values: Float32Array
}

/** What maps are compared with. */
export interface Yardstick {
  /** degree, or component1 and so on. */
  readonly name: string
  /** Shape: (voxels); NaN where there is no value. Undefined: there is nothing to compare with. */
  readonly values: Float32Array | undefined
  readonly signIsArbitrary: boolean
}

export interface MapLikeness {
  readonly map: string
  readonly comparedWith: string
  /** Voxels that are compared. */
  readonly voxels: number
  /** Undefined where one of the two is the same everywhere, or there is nothing to compare with. */
  readonly r: number | undefined
  readonly dice: number | undefined
}

/** Every map with every yardstick. */
export const likenessOf = Effect.fn("likenessOf")(function* (
  maps: ReadonlyArray<GroupMap>,
  yardsticks: ReadonlyArray<Yardstick>
) {
  return yield* Effect.forEach(
    maps.flatMap((map) => yardsticks.map((yardstick) => ({ map, yardstick }))),
    // Between two of them other fibers may run.
    ({ map, yardstick }) =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => compare(map, yardstick))
      )
  )
})

const compare = ({ name, values }: GroupMap, yardstick: Yardstick): MapLikeness => {
  const of = { map: name, comparedWith: yardstick.name }
  if (yardstick.values === undefined) return { ...of, voxels: 0, r: undefined, dice: undefined }
  const all = yardstick.values
  const voxels = Int32Array.from({ length: all.length }, (_, v) => v).filter((v) => Number.isFinite(all[v]!))
  const [own, others] = [Float32Array.from(voxels, (v) => values[v]!), Float32Array.from(voxels, (v) => all[v]!)]
  const places = Int32Array.from({ length: voxels.length }, (_, n) => n)
  const r = mapSimilarity(own, places, others)
  const isTurned = yardstick.signIsArbitrary && r !== undefined && r < 0
  const dice =
    r === undefined ? undefined : topOverlap(own, isTurned ? others.map((value) => -value) : others, topShare)
  return { ...of, voxels: voxels.length, r, dice }
}
