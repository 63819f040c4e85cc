/** Options of `partialSeeds`: which seeds are taken out of which. */
export interface PartialSeedsOptions {
  /** Files of the lesions whose seeds come in, those of the whole run in their order. */
  readonly files: ReadonlyArray<string>
  /** Positions of the seeds that are passed on, those of the pass's lesions: ascending. */
  readonly kept: ReadonlyArray<number>
}
