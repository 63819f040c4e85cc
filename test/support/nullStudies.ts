/** Studies in which the effect has nothing to do with the maps: how often a contrast finds something all the same. */
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { faceNeighbours } from "../../src/kernels/group/faceNeighbours.ts"
import { tOfTwoTailedP } from "../../src/kernels/group/formingThreshold.ts"
import { freedmanLane } from "../../src/kernels/group/freedmanLane.ts"
import { formingP } from "../../src/kernels/group/groupPolicy.ts"
import { gStatistic, varianceGroups } from "../../src/kernels/group/gStatistic.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { permutationTest } from "../../src/kernels/group/permutationTest.ts"
import { residualTile } from "../../src/kernels/group/residualMaps.ts"

export interface NullStudies {
  readonly studies: number
  readonly patients: number
  readonly permutations: number
  /** The grid; every cell is a voxel. */
  readonly shape: readonly [number, number, number]
  /** Patients of the second group; default: the effect is a score. */
  readonly second?: number
  /** Covariates that go with the effect and with the maps. */
  readonly covariates?: number
  /** Covariates that are left out of the design all the same. */
  readonly leftOut?: boolean
  /** Sites, with maps and shares of the groups of their own, in which the permutations stay. */
  readonly sites?: number
  readonly variance?: "equal" | "unequal"
  /** How much larger the standard deviation of the second group is. */
  readonly spread?: number
  readonly spatial?: boolean
}

export interface FalsePositives {
  /** Studies with a corrected p of 0.05 or less somewhere. */
  readonly maximum: number
  readonly tfce: number
  readonly extent: number
  readonly mass: number
}

/** Level at which a study counts. */
const alpha = 0.05

/** Counts studies with false positives; the same for the same seed. */
export const falsePositives = (options: NullStudies, seed: number): FalsePositives => {
  const found = { maximum: 0, tfce: 0, extent: 0, mass: 0 }
  const [nx, ny, nz] = options.shape
  const neighbours = faceNeighbours([...Array(nx * ny * nz).keys()], options.shape)
  const any = (p: Float64Array | undefined) => (p?.some((value) => value <= alpha) ? 1 : 0)
  for (let study = 0; study < options.studies; study++) {
    const test = testOf(options, neighbours, new Xoshiro128(seed, study), study)
    found.maximum += any(test.familyWise)
    found.tfce += any(test.spatial?.familyWise.enhanced)
    found.extent += any(test.spatial?.familyWise.extents)
    found.mass += any(test.spatial?.familyWise.masses)
  }
  return found
}

const testOf = (options: NullStudies, neighbours: Int32Array, random: Xoshiro128, seed: number) => {
  const { patients, second, covariates = 0, sites = 1, variance = "equal", spread = 1 } = options
  const gaussian = (length: number) => {
    const values = new Float32Array(length)
    random.fillGaussian(values)
    return values
  }
  const columns = Array.from({ length: covariates }, () => Float64Array.from(gaussian(patients)))
  const blocks = Int32Array.from({ length: patients }, (_, i) => i % sites)
  const leaning = Float64Array.from(gaussian(patients), (value, i) =>
    columns.reduce((sum, column) => sum + column[i]!, value + 0.4 * blocks[i]!)
  )
  const order = [...leaning.keys()].sort((a, b) => leaning[b]! - leaning[a]!)
  const effect = second === undefined ? leaning : leaning.map((_, i) => (order.indexOf(i) < second ? 1 : 0))
  const maps = smoothMaps(options, neighbours, gaussian)
  const voxels = neighbours.length / 6
  for (let i = 0; i < patients; i++) {
    const own = columns.reduce((sum, column) => sum + column[i]!, 0.5 * blocks[i]!)
    const scale = second !== undefined && effect[i] === 1 ? spread : 1
    for (let v = 0; v < voxels; v++) maps[i * voxels + v] = scale * maps[i * voxels + v]! + own
  }
  const nuisance = options.leftOut ? [] : columns
  const basis = contrastBasis({ effect, nuisance, blocks })!
  const threshold = tOfTwoTailedP(formingP, basis.degreesOfFreedom)
  return permutationTest(residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels }), {
    basis,
    permutations: makePermutations([effect, ...nuisance], blocks, { permutations: options.permutations, seed }),
    statistic: variance === "equal" ? freedmanLane(basis) : gStatistic(basis, varianceGroups(basis, effect)),
    spatial: options.spatial ? { neighbours, tfce: true, threshold } : undefined
  })
}

/** Noise, of which every voxel is the mean with its neighbours, twice. */
const smoothMaps = (
  { patients }: NullStudies,
  neighbours: Int32Array,
  gaussian: (length: number) => Float32Array
): Float32Array => {
  const voxels = neighbours.length / 6
  const maps = new Float32Array(patients * voxels)
  for (let i = 0; i < patients; i++) {
    let values = gaussian(voxels)
    for (let round = 0; round < 2; round++) {
      values = values.map((value, voxel) => {
        let [sum, count] = [value, 1]
        for (let at = 6 * voxel; at < 6 * voxel + 6; at++) {
          if (neighbours[at]! < 0) continue
          sum += values[neighbours[at]!]!
          count++
        }
        return sum / Math.sqrt(count)
      })
    }
    maps.set(values, i * voxels)
  }
  return maps
}

/** Counts between which so many studies of a rate of 5 % lie with a probability of 99.9 %. */
export const binomialBounds = (studies: number, rate = alpha): readonly [number, number] => {
  const tail = 0.0005
  let probability = (1 - rate) ** studies
  let below = 0
  let [low, high] = [-1, -1]
  for (let count = 0; count <= studies && high < 0; count++) {
    below += probability
    if (low < 0 && below > tail) low = count
    if (below >= 1 - tail) high = count
    probability *= ((studies - count) / (count + 1)) * (rate / (1 - rate))
  }
  return [low, high]
}
