/** The bytes that a group's diagnosis takes beside the cohort's values. */
import {
  batchPermutations,
  comparedPermutations,
  contrastWorkerBytes,
  mostSpan,
  studiesAtOnce,
  studyPermutations,
  tileVoxels
} from "./contrastSizes.ts"
import { componentCount } from "./PrincipalComponents.ts"

export interface DiagnosisShape {
  readonly patients: number
  /** Of the grid, at most so many of the brain. */
  readonly voxels: number
  readonly contrasts: number
  readonly simulates: boolean
  /** Patients of the cohort that is compared; 0: none is. */
  readonly comparedPatients: number
}

/** Copies of maps that are held while maps are compared: three of each yardstick, and three. */
const comparedCopies = 3 * (1 + componentCount) + 3

export interface DiagnosisBytes {
  /** Maps that are kept until the end. */
  readonly maps: number
  /** Orders of permutations, Gram matrices; not at the same time as those of a contrast. */
  readonly tables: number
  /** Of one worker, its thread included. */
  readonly worker: number
}

export const diagnosisBytes = (shape: DiagnosisShape): DiagnosisBytes => {
  const { patients, voxels, contrasts, simulates, comparedPatients } = shape
  const gram = 8 * patients * patients
  const orders = studyPermutations + 1
  const studies = simulates ? studiesAtOnce(patients) * orders : 0
  const compared = comparedPatients === 0 ? 0 : patients + comparedPatients
  return {
    maps: 4 * voxels * (1 + componentCount + 2 * contrasts + comparedCopies),
    tables: Math.max(4 * gram, studies * (2 * patients + 3 * 8), 2 * comparedPermutations * compared + 24 * voxels),
    worker: Math.max(
      contrastWorkerBytes(patients, studies) + (studies > 0 ? 8 * studies : 0),
      contrastWorkerBytes(patients, 0) - 8 * tileVoxels * patients + 2 * gram,
      contrastWorkerBytes(compared, 0) * (mostSpan / tileVoxels) + 2 * 4 * batchPermutations * mostSpan
    )
  }
}
