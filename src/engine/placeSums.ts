/**
 * Sets the sums in the engine's memory when a pass begins: to 0, or to the sums over other subjects that the pass
 * continues.
 */
import { Effect } from "effect"
import { addSumsTo, type ConnectivitySums, type KeptSums } from "../elements/ConnectivitySums.ts"
import { checkSameSums } from "../elements/mergeSums.ts"
import type { Engine } from "./Engine.ts"

/**
 * Sums that lie in the engine's memory are those of the pass before, and stay where they are, with their pairs and degree; others are copied.
 *
 * @param sums those of the pass, in the engine's memory
 *
 * Errors: `SumsMismatch` where `from` is of another shape, unit or pairs; `SumsUnreadable` where it lies on disk and cannot be read.
 */
export const placeSums = Effect.fnUntraced(function* (
  { memory, layout }: Engine["Service"],
  sums: ConnectivitySums,
  from: ConnectivitySums | KeptSums | undefined
) {
  if (from !== undefined) yield* checkSameSums(from, { ...sums, covered: [], fingerprints: from.fingerprints })
  if (from !== undefined && "values" in from && from.values.buffer === memory.buffer) return
  new Uint8Array(memory.buffer, layout.sums, layout.sumsBytes).fill(0)
  sums.pairs?.sumZ.fill(0n)
  sums.degree?.fill(0n)
  if (from !== undefined) yield* addSumsTo(from, sums)
})
