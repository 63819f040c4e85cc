/** The stage of the overlap: counts the t maps, writes maps, masks and tables, and gives where the share is reached, for conjunctions. */
import { Effect } from "effect"
import { computeOverlap, reachedShare } from "./Overlap.ts"
import { writeOverlap } from "./overlapFiles.ts"
import type { PlannedOverlap } from "./planOverlap.ts"

export const mapOverlap = Effect.fn("mapOverlap")(function* (planned: PlannedOverlap) {
  const overlap = yield* computeOverlap(planned)
  yield* writeOverlap(overlap, planned)
  return reachedShare(overlap, planned.choice)
})
