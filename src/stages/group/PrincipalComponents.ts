/**
 * The mean of the patients' maps, and the principal components about it: what many maps of one connectome have in common, whatever the symptom.
 *
 * Tiles of the Gram matrix come from workers and are added in the order of the voxels, so that no bit depends on workers. The sign of a
 * component is arbitrary: it is that with which the value of the largest size is positive.
 * Source: van den Heuvel et al., Nature Neuroscience, doi:10.1038/s41593-025-02196-7
 */
import { Effect, Stream } from "effect"
import { mirrorGram } from "../../kernels/group/centredGram.ts"
import { tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"

/** Components that maps are compared with. */
export const componentCount = 3

export interface PrincipalComponents {
  /** Mean over patients. Shape: (voxels). */
  readonly mean: Float32Array
  /** Mean of each patient's map over voxels. Shape: (patients). */
  readonly patientMeans: Float64Array
  /** Maps of one standard deviation of the scores, shape (voxels), and the share of the variance. */
  readonly components: ReadonlyArray<{ readonly map: Float32Array; readonly share: number }>
}

export interface CohortShape {
  readonly patients: number
  readonly voxels: number
}

export const principalComponents = Effect.fn("principalComponents")(function* (
  pool: GroupPool,
  { patients, voxels }: CohortShape
) {
  const ranges = Array.from({ length: Math.ceil(voxels / tileVoxels) }, (_, tile) => {
    const firstVoxel = tile * tileVoxels
    return { firstVoxel, voxels: Math.min(tileVoxels, voxels - firstVoxel) }
  })
  const gram = new Float64Array(patients * patients)
  const mean = new Float32Array(voxels)
  const sums = new Float64Array(patients)
  yield* Stream.fromIterable(ranges).pipe(
    Stream.mapEffect(
      (range) =>
        Effect.map(pool.run({ kind: "gram", writesNothing: true, patients, ...range }), (done) => ({ ...done, range })),
      { concurrency: pool.workers }
    ),
    Stream.runForEach((done) =>
      Effect.sync(() => {
        for (let k = 0; k < gram.length; k++) gram[k]! += done.gram[k]!
        for (let n = 0; n < patients; n++) sums[n]! += done.sums[n]!
        mean.set(done.means, done.range.firstVoxel)
      })
    )
  )
  mirrorGram(gram, patients)
  const found = yield* pool.run({ kind: "components", writesNothing: true, gram, patients, count: componentCount })
  const maps = found.map(() => new Float32Array(voxels))
  yield* Effect.forEach(
    ranges,
    Effect.fnUntraced(function* (range) {
      const tiles = yield* pool.run({
        kind: "component maps",
        writesNothing: true,
        components: found,
        patients,
        ...range
      })
      for (const [k, tile] of tiles.entries()) maps[k]!.set(tile, range.firstVoxel)
    }),
    { concurrency: pool.workers, discard: true }
  )
  for (const map of maps) turn(map)
  return {
    mean,
    patientMeans: sums.map((sum) => sum / voxels),
    components: found.map(({ share }, k) => ({ map: maps[k]!, share }))
  } satisfies PrincipalComponents as PrincipalComponents
})

/** Makes the first of the values of the largest size positive. */
const turn = (map: Float32Array): void => {
  let largest = 0
  for (const value of map) if (Math.abs(value) > Math.abs(largest)) largest = value
  if (largest < 0) for (let v = 0; v < map.length; v++) map[v] = 0 - map[v]!
}
