/** A tile of the Gram matrix of all patients' maps, with the mean over patients and the sum over voxels. Free of Effect, for workers. */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { addCentredGram, centredLength, meansOverPatients } from "../../kernels/group/centredGram.ts"
import { readTile, type VoxelRange } from "./CohortSource.ts"
import type { GroupStart } from "./GroupStart.ts"

export interface GramTask extends VoxelRange {
  readonly kind: "gram"
  readonly writesNothing: true
  readonly patients: number
}

export interface GramTileDone {
  /** Of maps centred over patients. Shape: (patients, patients), on and left of the diagonal. */
  readonly gram: Float64Array
  /** Shape: (voxels). */
  readonly means: Float64Array
  /** Sum of each patient's values. Shape: (patients). */
  readonly sums: Float64Array
}

/** The rows of so many patients. */
export const allRows = (patients: number): Int32Array => Int32Array.from({ length: patients }, (_, n) => n)

/** Room for centred maps, which a worker uses again for each tile. */
let centred = new Float64Array(0)

export const gramTile = (task: GramTask, { source }: GroupStart): GramTileDone => {
  const { patients, voxels } = task
  const maps = readTile(source, allRows(patients), task)
  const gram = new Float64Array(patients * patients)
  const means = meansOverPatients(maps, voxels)
  const sums = new Float64Array(patients)
  const length = centredLength(patients, voxels)
  if (centred.length < length) centred = new Float64Array(length)
  addCentredGram(maps, means, centred.subarray(0, length), gram)
  for (let n = 0; n < patients; n++) {
    for (let v = 0; v < voxels; v++) sums[n]! += maps[n * voxels + v]!
  }
  releaseMemory(maps)
  return { gram, means, sums }
}
