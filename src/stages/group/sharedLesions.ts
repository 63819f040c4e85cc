/** The lesions of patients, one after the other in memory that workers share. */

export interface SharedLesions {
  /** Voxels of each patient's lesion, ascending, patient after patient. */
  readonly lesionVoxels: Int32Array
  /** Where each begins, and the end of the last. Shape: (patients + 1). */
  readonly lesionStarts: Int32Array
}

export const sharedLesions = (lesions: ReadonlyArray<Int32Array>): SharedLesions => {
  const lesionStarts = new Int32Array(new SharedArrayBuffer(4 * (lesions.length + 1)))
  for (const [n, lesion] of lesions.entries()) lesionStarts[n + 1] = lesionStarts[n]! + lesion.length
  const lesionVoxels = new Int32Array(new SharedArrayBuffer(4 * lesionStarts[lesions.length]!))
  for (const [n, lesion] of lesions.entries()) lesionVoxels.set(lesion, lesionStarts[n])
  return { lesionVoxels, lesionStarts }
}

/** The voxels of a cohort that are lesion. Shapes: `lesion` and `elements` are elements of the grid, ascending; the result numbers `elements`. */
export const lesionVoxelsOf = (lesion: Int32Array, elements: Int32Array): Int32Array => {
  const voxels: Array<number> = []
  let next = 0
  for (const element of lesion) {
    while (next < elements.length && elements[next]! < element) next++
    if (elements[next] === element) voxels.push(next)
  }
  return Int32Array.from(voxels)
}
