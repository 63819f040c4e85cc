/**
 * The permutations of a contrast: all distinct row orders of the design where there are no more of them than asked for, otherwise so
 * many random ones, each a function of the seed and its index alone.
 *
 * Formula: with k permutations whose statistic is at least the observed one, p = k/B where all B are taken, the identity among them;
 *   p = (1 + k)/(1 + B) where they are drawn, each independently of the others.
 * Source: Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol., doi:10.2202/1544-6115.1585
 */
import { distinctOrders } from "./distinctOrders.ts"
import { drawsOf } from "./philox.ts"

export interface Permutations {
  /** Whether these are all distinct orders, of which the first is the identity. */
  readonly all: boolean
  readonly count: number
  /** Distinct orders that there are. */
  readonly distinct: bigint
  /** Writes the order of an index: `order[i]` is the patient whose row of the design patient i gets. Shape: (patients). */
  readonly write: (index: number, order: Int32Array) => void
}

export interface PermutationChoice {
  /** Permutations that are asked for, at most 2³¹. */
  readonly permutations: number
  /** An integer from 0 to 2⁵³ - 1. */
  readonly seed: number
}

/** The permutations of a design, given by all its columns, x and Z. */
export const makePermutations = (
  columns: ReadonlyArray<Float64Array>,
  blocks: Int32Array,
  { permutations, seed }: PermutationChoice
): Permutations => {
  const orders = distinctOrders(columns, blocks)
  if (orders.count <= BigInt(permutations)) {
    return { all: true, count: Number(orders.count), distinct: orders.count, write: orders.write }
  }
  return {
    all: false,
    count: permutations,
    distinct: orders.count,
    write: (index, order) => shuffle(orders.blocks, seed, index, order)
  }
}

/** Fisher and Yates's shuffle of each block. */
const shuffle = (blocks: ReadonlyArray<Int32Array>, seed: number, index: number, order: Int32Array): void => {
  const draws = drawsOf(seed, index)
  for (const members of blocks) {
    for (const patient of members) order[patient] = patient
    for (let last = members.length - 1; last > 0; last--) {
      const [one, other] = [members[last]!, members[draws.below(last + 1)]!]
      const row = order[one]!
      order[one] = order[other]!
      order[other] = row
    }
  }
}

/** p of a statistic that so many of the permutations reach. */
export const permutationP = ({ all, count }: Omit<Permutations, "write">, reaching: number): number =>
  all ? reaching / count : (1 + reaching) / (1 + count)
