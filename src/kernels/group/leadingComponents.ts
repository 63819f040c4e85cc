/**
 * The first principal components of the patients' maps, from their centred Gram matrix.
 *
 * Formula: A Aᵀ = U Λ Uᵀ; component k has the share λ_k/Σλ of the variance, and its map is Aᵀ u_k/√(N - 1): the change of a map with one
 *   standard deviation of the component's scores.
 * Numerics: float64; the leading vector is found, taken out of the matrix, and so on. Less than `leastShare` of the first is none.
 */
import { leadingVector } from "../leadingVector.ts"
import { meansOverPatients } from "./centredGram.ts"
import { dot } from "./orthonormalBasis.ts"

/** Share of the first eigenvalue up to which another one is rounding. */
const leastShare = 2 ** -40

export interface Component {
  /** u. Shape: (patients); zeros where there is no such component. */
  readonly vector: Float64Array
  /** Part of the variance of all maps. */
  readonly share: number
}

/** @param gram (patients, patients), symmetric; mutated */
export const leadingComponents = (gram: Float64Array, patients: number, count: number): ReadonlyArray<Component> => {
  let trace = 0
  for (let i = 0; i < patients; i++) trace += gram[i * patients + i]!
  const image = new Float64Array(patients)
  const apply = (vector: Float64Array): void => {
    for (let i = 0; i < patients; i++) image[i] = dot(gram.subarray(i * patients, (i + 1) * patients), vector)
  }
  let largest = 0
  return Array.from({ length: count }, (_, k) => {
    // Of equal eigenvalues each start finds one vector: another start is needed for the next.
    const vector = leadingVector(apply, image, k + 1)
    if (vector === undefined) return none(patients)
    apply(vector)
    const value = dot(vector, image)
    largest = Math.max(largest, value)
    if (!(value > leastShare * largest)) return none(patients)
    for (let i = 0; i < patients; i++) {
      for (let j = 0; j < patients; j++) gram[i * patients + j]! -= value * vector[i]! * vector[j]!
    }
    return { vector, share: value / trace }
  })
}

const none = (patients: number): Component => ({ vector: new Float64Array(patients), share: 0 })

/** The maps of components in a tile. Shapes: maps (patients, voxels); the result (components), each (voxels). */
export const componentMaps = (
  maps: Float32Array,
  voxels: number,
  components: ReadonlyArray<Component>
): ReadonlyArray<Float64Array> => {
  const patients = maps.length / voxels
  const means = meansOverPatients(maps, voxels)
  return components.map(({ vector }) => {
    const sums = new Float64Array(voxels)
    for (let i = 0; i < patients; i++) {
      const factor = vector[i]! / Math.sqrt(patients - 1)
      for (let v = 0; v < voxels; v++) {
        const value = maps[i * voxels + v]! - means[v]!
        if (Number.isFinite(value)) sums[v]! += factor * value
      }
    }
    return sums
  })
}
