/**
 * The orders of permutations in a table that workers share, so that each is drawn once and not once a tile.
 *
 * Shape: uint16 (permutations, patients).
 */
import type { Permutations } from "./permutations.ts"

export const orderTableBytes = ({ count }: Permutations, patients: number): number =>
  count * patients * Uint16Array.BYTES_PER_ELEMENT

/** Writes the orders of permutations [first, end) to their places; mutates `table`. */
export const fillOrderTable = (
  permutations: Permutations,
  { first, end }: { readonly first: number; readonly end: number },
  patients: number,
  table: Uint16Array
): void => {
  const order = new Int32Array(patients)
  for (let index = first; index < end; index++) {
    permutations.write(index, order)
    table.set(order, index * patients)
  }
}

/** The same permutations, their orders taken from a table. */
export const tabulated = (
  { all, count, distinct }: Omit<Permutations, "write">,
  patients: number,
  table: Uint16Array
): Permutations => ({
  all,
  count,
  distinct,
  write: (index, order) => order.set(table.subarray(index * patients, (index + 1) * patients))
})
