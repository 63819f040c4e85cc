/** The contrast whose speed is measured: 200 patients in two groups, three covariates. */
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"

export interface SpeedTask {
  readonly voxels: number
  readonly tileVoxels: number
  readonly batch: number
  readonly permutations: number
  /** Whether the statistic is G. */
  readonly unequal: boolean
  /** Orders of the permutations. */
  readonly table: SharedArrayBuffer
  /** The maps of a tile, which stand for those of every tile. */
  readonly maps: SharedArrayBuffer
}

export const speedDesign = (permutations: number) => {
  const patients = 200
  const random = new Xoshiro128(1, 0)
  const gaussian = () => {
    const values = new Float32Array(patients)
    random.fillGaussian(values)
    return Float64Array.from(values)
  }
  const effect = Float64Array.from({ length: patients }, (_, i) => i % 2)
  const nuisance = [gaussian(), gaussian(), gaussian()]
  const blocks = new Int32Array(patients)
  const basis = contrastBasis({ effect, nuisance, blocks })!
  return { basis, effect, permutations: makePermutations([effect, ...nuisance], blocks, { permutations, seed: 1 }) }
}
