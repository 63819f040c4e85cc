/** What a run is doing, as its progress says it. */
import type { Phase } from "../../src/runtime/progressState.ts"

/** Which of a run's passes over the lesions; the first is 1. */
export interface Pass {
  readonly number: number
  readonly of: number
}

/** The first pass of PINI, in which seeds are refined. */
export const refiningSeeds = (pass: Pass): Phase => ({
  name: "refining seeds",
  counts: "subjects",
  pass: oneOfSeveral(pass)
})

export const mappingConnectivity = (pass: Pass): Phase => ({
  name: "connectivity",
  counts: "subjects",
  pass: oneOfSeveral(pass)
})

export const writingMaps: Phase = { name: "writing maps", counts: "lesions" }

/** Also while checksums are computed that are not known yet. */
export const checkingInputs: Phase = { name: "checking inputs", counts: "nothing" }

export const makingReport: Phase = { name: "making the report", counts: "nothing" }

const oneOfSeveral = (pass: Pass): Pass | undefined => (pass.of > 1 ? pass : undefined)
