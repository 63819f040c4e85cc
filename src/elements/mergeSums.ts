/**
 * Adds the sums over some subjects to those over others. They are integers, so this is associative and commutative to the bit:
 * however subjects are divided and their sums joined again, these and the maps made of them are the same bytes.
 *
 * Both are of the same lesions, in the same order, of the same voxels and the same study, and no subject is in both: the
 * caller sees to that.
 * Errors: RangeError where the shapes or the units differ, or where so many subjects could overflow the sums.
 * Memory: 16 B a lesion and voxel, in rows of all voxels. Mutates nothing.
 */
import { addSums } from "../kernels/LesionSums.ts"
import { largestZ, maximalZ } from "../kernels/numericPolicy.ts"
import { type ConnectivitySums, lesionSums, noSums } from "./ConnectivitySums.ts"

export const mergeSums = (one: ConnectivitySums, other: ConnectivitySums): ConnectivitySums => {
  for (const shape of ["lesions", "voxels", "fractionBits"] as const) {
    if (one[shape] !== other[shape]) {
      throw new RangeError(`sums of ${one[shape]} and of ${other[shape]} ${shape} cannot be merged`)
    }
  }
  const subjects = one.subjects + other.subjects
  if (largestZ(subjects, one.fractionBits) < maximalZ) {
    throw new RangeError(`sums of ${one.fractionBits} fraction bits cannot hold ${subjects} subjects`)
  }
  const merged = noSums(one)
  for (let lesion = 0; lesion < one.lesions; lesion++) {
    const into = lesionSums(merged, lesion)
    addSums(lesionSums(one, lesion), into)
    addSums(lesionSums(other, lesion), into)
  }
  return {
    ...merged,
    subjects,
    invalidVoxels: one.invalidVoxels + other.invalidVoxels,
    invalidSeeds: one.invalidSeeds.map((count, lesion) => count + other.invalidSeeds[lesion]!)
  }
}
