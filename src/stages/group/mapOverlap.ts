/** The stage of the overlap: counts the t maps, writes maps, masks and tables, and gives what conjunctions and the diagnosis take. */
import { Effect } from "effect"
import { largerShares } from "../../kernels/group/overlapShares.ts"
import { computeOverlap, type ReachedShare, reachedShare } from "./Overlap.ts"
import { writeOverlap } from "./overlapFiles.ts"
import type { PlannedOverlap } from "./planOverlap.ts"

/** Where the overlap reaches its share, and the larger share with its sign. Shapes: (voxels of the grid). */
export interface MappedOverlap extends ReachedShare {
  readonly shares: Float32Array
}

export const mapOverlap = Effect.fn("mapOverlap")(function* (planned: PlannedOverlap) {
  const overlap = yield* computeOverlap(planned)
  yield* writeOverlap(overlap, planned)
  const { t: tau } = planned.choice
  const [up, down] = [overlap.countsAt({ tau, sign: 1 }), overlap.countsAt({ tau, sign: -1 })]
  const mapped: MappedOverlap = {
    ...reachedShare(overlap, planned.choice),
    shares: largerShares(up, down, overlap.patients)
  }
  return mapped
})
