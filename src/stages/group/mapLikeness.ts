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

/** Every map with every yardstick, in the order of the maps. Memory: three maps a yardstick, and three. */
export const likenessOf = Effect.fn("likenessOf")(function* (
  maps: ReadonlyArray<GroupMap>,
  yardsticks: ReadonlyArray<Yardstick>
) {
  const prepared = yardsticks.map(prepare)
  const room = makeRoom(Math.max(...prepared.map(({ voxels }) => voxels.length)))
  return yield* Effect.forEach(
    maps.flatMap((map) => prepared.map((yardstick) => ({ map, yardstick }))),
    // Between two of them other fibers may run.
    ({ map, yardstick }) =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => compare(map, yardstick, room))
      )
  )
})

/** A yardstick at the voxels where it has a value, and turned where its sign is arbitrary. */
const prepare = ({ name, values, signIsArbitrary }: Yardstick) => {
  const all = Int32Array.from({ length: values?.length ?? 0 }, (_, v) => v)
  const voxels = all.filter((v) => Number.isFinite(values![v]!))
  const others = Float32Array.from(voxels, (v) => values![v]!)
  return { name, voxels, others, turned: signIsArbitrary ? others.map((value) => -value) : others }
}

/** Room for what a comparison takes, for the most voxels. */
const makeRoom = (voxels: number) => ({
  own: new Float32Array(voxels),
  sorted: new Float32Array(voxels),
  places: Int32Array.from({ length: voxels }, (_, n) => n)
})

const compare = (
  { name, values }: GroupMap,
  { name: comparedWith, voxels, others, turned }: ReturnType<typeof prepare>,
  room: ReturnType<typeof makeRoom>
): MapLikeness => {
  const count = voxels.length
  const own = room.own.subarray(0, count)
  for (let n = 0; n < count; n++) own[n] = values[voxels[n]!]!
  const r = mapSimilarity(own, room.places.subarray(0, count), others)
  const sorted = room.sorted.subarray(0, count)
  const dice = r === undefined ? undefined : topOverlap(own, r < 0 ? turned : others, topShare, sorted)
  return { map: name, comparedWith, voxels: count, r, dice }
}
