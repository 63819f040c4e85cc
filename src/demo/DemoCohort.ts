/**
 * The demo's cohort: 60 made-up patients from three sites, each with a lesion, and a symptom that is planted: the more of the lesion lies
 * in one network, the worse they do at a test of neglect.
 *
 * Age and the lesion's volume worsen the symptom too, and sites differ in how many of their patients have lesions there. Everything
 * follows from one seed.
 */
import { type DemoBrain, sideOf, voxelMm } from "./DemoBrain.ts"
import { type NetworkName, networkNames } from "./Network.ts"
import { Xoshiro128 } from "./Xoshiro128.ts"

/** The network that the symptom comes from. */
export const plantedNetwork: NetworkName = "VentralAttention"

export interface CohortPatient {
  /** BIDS participant label with its prefix: `sub-01`. */
  readonly participant: string
  readonly site: string
  readonly ageYears: number
  /** The brain's voxels that are lesion, ascending. */
  readonly lesion: ReadonlyArray<number>
  /** Share of the lesion that lies in the planted network. */
  readonly share: number
  readonly neglect: boolean
  /** Targets that were missed in a cancellation test, of 60. */
  readonly missed: number
}

/** Participants of the cohort. */
export const cohortParticipants: ReadonlyArray<string> = Array.from(
  { length: 60 },
  (_, n) => `sub-${String(n + 1).padStart(2, "0")}`
)

const cohortSeed = 20_140_103

/** How many of a site's patients have their lesion's centre in the planted network. */
const sites = [
  { name: "north", planted: 0.35 },
  { name: "south", planted: 0.45 },
  { name: "west", planted: 0.6 }
]

const ageYears = { least: 41, most: 84 }
const radiusMm = { least: 8, most: 15 }

/** A lesion has at least as many voxels: 0.3 mL. */
const leastVoxels = 40

/** Of a lesion, mL: 2 mm cubed. */
const voxelMl = 0.008

/** What the severity of the symptom is made of; above 0 it counts as neglect. */
const severity = { share: 3, tenYears: 0.2, doubledVolume: 0.25, noise: 0.5, constant: -1.4, meanMl: 1, meanAge: 62 }

/** Targets of the cancellation test. */
const targets = 60

/** The cohort. Its lesions' places depend on the brain, which is always the same but for its brightness. */
export const makeDemoCohort = (brain: DemoBrain): ReadonlyArray<CohortPatient> => {
  const planted = voxelsOfNetwork(brain, (name) => name === plantedNetwork)
  const others = voxelsOfNetwork(brain, (name) => name !== plantedNetwork)
  return cohortParticipants.map((participant, n) => {
    const random = new Xoshiro128(cohortSeed, n)
    const site = sites[n % sites.length]!
    const centres = random.nextUniform() < site.planted ? planted : others
    const lesion = drawLesion(brain, centres, random)
    const age = Math.round(between(ageYears, random))
    return {
      participant,
      site: site.name,
      ageYears: age,
      lesion,
      ...symptomOf(brain, lesion, age, random)
    }
  })
}

const voxelsOfNetwork = (brain: DemoBrain, isIt: (name: NetworkName) => boolean): ReadonlyArray<number> =>
  [...brain.network.keys()].filter((voxel) => isIt(networkNames[brain.network[voxel]! - 1]!))

const between = ({ least, most }: { least: number; most: number }, random: Xoshiro128): number =>
  least + (most - least) * random.nextUniform()

/** Grey matter of one hemisphere in a ball about one of the centres. */
const drawLesion = (brain: DemoBrain, centres: ReadonlyArray<number>, random: Xoshiro128): ReadonlyArray<number> => {
  for (;;) {
    const centre = centres[Math.floor(centres.length * random.nextUniform())]!
    const radius = between(radiusMm, random)
    const [x, y, z] = voxelMm(brain, centre)
    const lesion = [...brain.network.keys()].filter((voxel) => {
      const [u, v, w] = voxelMm(brain, voxel)
      return Math.hypot(u - x, v - y, w - z) <= radius && sideOf(brain, voxel) === sideOf(brain, centre)
    })
    if (lesion.length >= leastVoxels) return lesion
  }
}

const symptomOf = (brain: DemoBrain, lesion: ReadonlyArray<number>, age: number, random: Xoshiro128) => {
  const own = lesion.filter((voxel) => networkNames[brain.network[voxel]! - 1] === plantedNetwork)
  const share = own.length / lesion.length
  const [noise] = gaussian(random)
  const level =
    severity.constant +
    severity.share * share +
    (severity.tenYears * (age - severity.meanAge)) / 10 +
    severity.doubledVolume * Math.log2((voxelMl * lesion.length) / severity.meanMl) +
    severity.noise * noise!
  return { share, neglect: level > 0, missed: Math.round(targets / (1 + Math.exp(-1.5 * level))) }
}

const gaussian = (random: Xoshiro128): Float32Array => {
  const values = new Float32Array(1)
  random.fillGaussian(values)
  return values
}
