/**
 * The spatial correlation of a model with a map, from sums over voxels that do not know the model: so that any number of models costs no
 * pass over voxels.
 *
 * Formula: the model is c(v) = Σ_i w_i·u_i(v)/n(v). With G_i = Σ_v u_i·z/n, S_i = Σ_v u_i/n and A_ij = Σ_v u_i·u_j/n², Σ_v c·z = w·G, Σ_v c = w·S
 *   and Σ_v c² = wᵀAw; r = (Σcz - Σc·Σz/m)/√((Σc² - (Σc)²/m)·(Σz² - (Σz)²/m)).
 * Cost: patients² multiplications. Mutates nothing.
 */

/** Sums over the m voxels that a map and models are compared in. Shapes: (patients), `gram` (patients, patients), symmetric. */
export interface ModelSums {
  readonly withMap: Float64Array
  readonly alone: Float64Array
  readonly gram: Float64Array
  readonly map: MapSums
}

/** Voxels, Σz and Σz². */
export interface MapSums {
  readonly voxels: number
  readonly sum: number
  readonly squares: number
}

/** Share of a sum of squares up to which its variance is rounding. */
const leastVariance = 2 ** -30

/** r; 0 where the model or the map is the same in all voxels. */
export const modelSimilarity = (weights: Float64Array, { withMap, alone, gram, map }: ModelSums): number => {
  const patients = weights.length
  let [products, sum, squares] = [0, 0, 0]
  for (let i = 0; i < patients; i++) {
    const weight = weights[i]!
    if (weight === 0) continue
    products += weight * withMap[i]!
    sum += weight * alone[i]!
    const row = i * patients
    let below = 0
    for (let j = 0; j < i; j++) below += gram[row + j]! * weights[j]!
    squares += weight * (2 * below + weight * gram[row + i]!)
  }
  if (map.voxels === 0) return 0
  const ofModel = squares - (sum * sum) / map.voxels
  const ofMap = map.squares - (map.sum * map.sum) / map.voxels
  if (!(ofModel > leastVariance * squares && ofMap > leastVariance * map.squares)) return 0
  const r = (products - (sum * map.sum) / map.voxels) / Math.sqrt(ofModel * ofMap)
  return Math.max(-1, Math.min(1, r))
}
