/** Small studies of a group: maps with an effect in the first voxels, a design with covariates. */
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"

export interface StudyShape {
  readonly patients: number
  readonly voxels: number
  readonly covariates: number
  readonly seed: number
  /** Patients of the second group; default: the effect is a score. */
  readonly second?: number
  readonly sites?: number
  readonly permutations?: number
  /** How much the effect moves the first tenth of the voxels. */
  readonly strength?: number
}

export const groupStudy = (shape: StudyShape) => {
  const { patients, voxels, covariates, seed, second, sites = 1, permutations = 30, strength = 0.3 } = shape
  const random = new Xoshiro128(seed, 17)
  const gaussian = (length: number) => {
    const values = new Float32Array(length)
    random.fillGaussian(values)
    return values
  }
  const effect =
    second === undefined
      ? Float64Array.from(gaussian(patients))
      : Float64Array.from({ length: patients }, (_, i) => ((i * second) % patients < second ? 1 : 0))
  const nuisance = Array.from({ length: covariates }, () =>
    Float64Array.from(gaussian(patients), (value, i) => 50 + 10 * value + 5 * effect[i]!)
  )
  const maps = gaussian(patients * voxels)
  for (let i = 0; i < patients; i++) {
    const own = nuisance.reduce((sum, column) => sum + 0.02 * column[i]!, 0.2)
    for (let v = 0; v < voxels; v++) {
      const moved = v < voxels / 10 ? strength * effect[i]! : 0
      maps[i * voxels + v] = own + 0.2 * maps[i * voxels + v]! + moved
    }
  }
  const blocks = Int32Array.from({ length: patients }, (_, i) => i % sites)
  const basis = contrastBasis({ effect, nuisance, blocks })!
  const orders = makePermutations([effect, ...nuisance], blocks, { permutations, seed })
  const tileOf = (firstVoxel: number, count: number) => ({ maps, rowVoxels: voxels, firstVoxel, voxels: count })
  return { effect, nuisance, maps, blocks, basis, permutations: orders, whole: tileOf(0, voxels), tileOf }
}

/** The identity order. */
export const identityOf = (patients: number): Int32Array => Int32Array.from({ length: patients }, (_, i) => i)

/** The values of a voxel over patients. */
export const voxelOf = (maps: Float32Array, patients: number, voxel: number): ReadonlyArray<number> =>
  Array.from({ length: patients }, (_, i) => maps[i * (maps.length / patients) + voxel]!)
