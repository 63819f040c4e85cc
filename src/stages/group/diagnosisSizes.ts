/** The bytes that a group's diagnosis takes beside the cohort's values: those that are there once, and those of each worker. */
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
  readonly voxels: number
  readonly contrasts: number
  /** Whether the statistic of one of them is G. */
  readonly isUnequal: boolean
  readonly simulates: boolean
  /** The cohort that is compared, whose values lie in memory; undefined: none is. */
  readonly compared: { readonly patients: number; readonly voxels: number } | undefined
}

export interface DiagnosisPhase {
  readonly name: string
  readonly bytes: number
  readonly workerBytes: number
}

/** Bytes of the maps of contrasts that are kept until they are compared: effect and statistic. */
export const keptMapsBytes = (voxels: number, contrasts: number): number => 2 * 4 * voxels * contrasts

export const diagnosisPhases = (shape: DiagnosisShape): ReadonlyArray<DiagnosisPhase> => [
  componentsPhase(shape),
  ...(shape.simulates ? [simulationPhase(shape)] : []),
  ...(shape.compared === undefined ? [] : [comparisonPhase(shape, shape.compared)])
]

/** The mean and the components; three maps of each yardstick, and three. Gram matrices: the sum, and two that come in. */
const componentsPhase = ({ patients, voxels, contrasts }: DiagnosisShape): DiagnosisPhase => {
  const gram = 8 * patients * patients
  const maps = 1 + componentCount + 3 * (1 + componentCount) + 3
  return {
    name: "diagnosis",
    bytes: keptMapsBytes(voxels, contrasts) + 4 * voxels * maps + 3 * gram,
    workerBytes: contrastWorkerBytes(patients, 0) + 2 * gram
  }
}

/** Orders and largest statistics of the studies that are computed together. */
const simulationPhase = ({ patients, voxels, contrasts, isUnequal }: DiagnosisShape): DiagnosisPhase => {
  const orders = studiesAtOnce(patients) * (studyPermutations + 1)
  return {
    name: "random labels",
    bytes: keptMapsBytes(voxels, contrasts) + orders * (2 * patients + 3 * 8),
    workerBytes: contrastWorkerBytes(patients, orders, isUnequal)
  }
}

/** The other cohort's values, orders of both, and the voxels that both have. */
const comparisonPhase = (
  { patients, voxels, contrasts, isUnequal }: DiagnosisShape,
  other: NonNullable<DiagnosisShape["compared"]>
): DiagnosisPhase => {
  const both = patients + other.patients
  return {
    name: "comparison",
    bytes:
      keptMapsBytes(voxels, contrasts) +
      4 * other.patients * other.voxels +
      2 * comparedPermutations * both +
      (4 * 4 + 3 * 8) * voxels,
    workerBytes:
      contrastWorkerBytes(both, 0, isUnequal) * (mostSpan / tileVoxels) + 2 * 4 * batchPermutations * mostSpan
  }
}
