/** The connectome's degree on the cohort's voxels: what any average of lesion network maps comes to look like. */
import { Effect } from "effect"
import { readVolume } from "../../imaging/nifti/readVolume.ts"
import { isTinyDegree, rootMeanSquare, tinyDegree } from "../../output/degreeMap.ts"
import { warn } from "../../runtime/Warnings.ts"

/** The degree of each voxel, NaN where it has none (not finite, or 0, which is background); undefined, with a warning, where it is tiny. */
export const readDegree = Effect.fn("readDegree")(function* (file: string, elements: Int32Array) {
  const { values } = yield* readVolume(file)
  const degree = Float32Array.from(elements, (element) => values[element]! || Number.NaN).map((value) =>
    Number.isFinite(value) ? value : Number.NaN
  )
  const known = degree.filter(Number.isFinite)
  if (known.length < degree.length) {
    yield* warn({
      file,
      found: `${degree.length - known.length} of ${degree.length} voxels of the patients' maps have no degree (it is 0 or not finite)`,
      taken: known.length === 0 ? "No map is compared with it" : "Maps are compared with it at the other voxels"
    })
  }
  if (known.length === 0) return undefined
  if (!isTinyDegree(known)) return degree
  yield* warn({
    file,
    found: `the degree is close to 0 everywhere (root mean square ${rootMeanSquare(known).toPrecision(2)}, below ${tinyDegree}), as after global signal regression`,
    taken:
      "It says nothing of the connectome's shape, and no map is compared with it. The components of the patients' maps are the yardstick then"
  })
  return undefined
})
