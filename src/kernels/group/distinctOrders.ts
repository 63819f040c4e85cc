/**
 * The distinct orders that the rows of a design have within exchangeability blocks: how many there are, and each by its number.
 *
 * Exchanging patients whose rows [x Z] are equal changes nothing, so the orders of a block with n patients, of which m_c have the row c,
 * are n!/Π m_c!; those of all blocks multiply. They are numbered in the order of their sequences of rows, the last block fastest.
 */

/** Most orders whose numbers are exact in float64, with a factor for the patients of a block to spare. */
export const mostNumbered = 2n ** 31n

/** The rows of one block. */
interface BlockRows {
  /** Patients of the block, ascending. */
  readonly members: Int32Array
  /** Which row each member has, numbered within the block as they appear. */
  readonly rows: Int32Array
  /** How many members have each row. */
  readonly counts: Int32Array
  readonly distinct: bigint
}

export interface DistinctOrders {
  /** How many there are. */
  readonly count: bigint
  /** Members of each block, ascending. */
  readonly blocks: ReadonlyArray<Int32Array>
  /**
   * Writes an order: `order[i]` is the patient whose row patient i gets. Number 0 is the identity.
   * Numerics: for at most `mostNumbered` orders, which the caller sees to.
   */
  write(number: number, order: Int32Array): void
}

/** The orders of a design that is given by columns over patients. */
export const distinctOrders = (columns: ReadonlyArray<Float64Array>, blocks: Int32Array): DistinctOrders => {
  const parts = [...new Set(blocks)].sort((a, b) => a - b).map((block) => blockRows(columns, blocks, block))
  const count = parts.reduce((product, { distinct }) => product * distinct, 1n)
  const sizes = parts.map(({ distinct }) => Number(distinct))
  const identity =
    count > mostNumbered
      ? Number.NaN
      : parts.reduce((number, part, index) => number * sizes[index]! + numberOfIdentity(part), 0)
  return {
    count,
    blocks: parts.map(({ members }) => members),
    write: (number, order) => {
      // The identity changes places with what would come first.
      let rest = number === 0 ? identity : number <= identity ? number - 1 : number
      for (let index = parts.length - 1; index >= 0; index--) {
        writeWithin(parts[index]!, rest % sizes[index]!, order)
        rest = Math.floor(rest / sizes[index]!)
      }
    }
  }
}

const blockRows = (columns: ReadonlyArray<Float64Array>, blocks: Int32Array, block: number): BlockRows => {
  const members = Int32Array.from([...blocks.keys()].filter((patient) => blocks[patient] === block))
  const numbers = new Map<string, number>()
  const rows = members.map((patient) => {
    const key = columns.map((column) => column[patient]!).join()
    if (!numbers.has(key)) numbers.set(key, numbers.size)
    return numbers.get(key)!
  })
  const counts = new Int32Array(numbers.size)
  for (const row of rows) counts[row]!++
  return { members, rows, counts, distinct: arrangements(counts) }
}

/** n!/Π m_c!, multiplied and divided step by step, each without a remainder. */
const arrangements = (counts: Int32Array): bigint => {
  let product = 1n
  let taken = 0n
  for (const count of counts) {
    for (let i = 1n; i <= count; i++) {
      taken++
      product = (product * taken) / i
    }
  }
  return product
}

/** How many sequences of a block's rows come before that of the identity. */
const numberOfIdentity = ({ rows, counts, distinct }: BlockRows): number => {
  const left = Int32Array.from(counts)
  let sequences = Number(distinct)
  let before = 0
  for (const [place, row] of rows.entries()) {
    const places = rows.length - place
    for (let other = 0; other < row; other++) before += (sequences * left[other]!) / places
    sequences = (sequences * left[row]!) / places
    left[row]!--
  }
  return before
}

/** Writes the sequence of a block with this number; of equal rows the one of the first patient that is left is taken. */
const writeWithin = ({ members, rows, counts, distinct }: BlockRows, number: number, order: Int32Array): void => {
  const left = Int32Array.from(counts)
  const waiting = Array.from(counts, (_, row) => members.filter((_, member) => rows[member] === row))
  const taken = new Int32Array(counts.length)
  let sequences = Number(distinct)
  let rest = number
  for (const [place, patient] of members.entries()) {
    const places = members.length - place
    let row = 0
    for (; ; row++) {
      const starting = (sequences * left[row]!) / places
      if (rest < starting) {
        sequences = starting
        break
      }
      rest -= starting
    }
    left[row]!--
    order[patient] = waiting[row]![taken[row]!++]!
  }
}
