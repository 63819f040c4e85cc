/**
 * Sets the sums in the engine's memory when a pass begins: to 0, or to the sums over other subjects that the pass
 * continues.
 */
import { Effect } from "effect"
import { addAllSums, type ConnectivitySums } from "../elements/ConnectivitySums.ts"
import { checkSameSums } from "../elements/mergeSums.ts"
import type { Engine } from "./Engine.ts"

/**
 * Sums that lie in the engine's memory are those of the pass before, and stay where they are; others are copied.
 *
 * @param sums those of the pass, in the engine's memory
 *
 * Errors: `SumsMismatch` where `from` is of another shape, unit or pairs.
 */
export const placeSums = Effect.fnUntraced(function* (
  { memory, layout }: Engine["Service"],
  sums: ConnectivitySums,
  from: ConnectivitySums | undefined
) {
  if (from !== undefined) yield* checkSameSums(from, { ...sums, covered: [], fingerprints: from.fingerprints })
  const isHere = (values: BigInt64Array | undefined) => values?.buffer === memory.buffer
  if (!isHere(from?.values)) {
    new Uint8Array(memory.buffer, layout.sums, layout.sumsBytes).fill(0)
    if (from !== undefined) yield* addAllSums(from, sums)
  }
  if (sums.pairs === undefined || isHere(from?.pairs?.sumZ)) return
  sums.pairs.sumZ.fill(0n)
  if (from !== undefined) sums.pairs.sumZ.set(from.pairs!.sumZ)
})
