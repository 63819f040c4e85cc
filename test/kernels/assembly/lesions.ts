/** Lesions for the tests of kernels, and the tables of runs by which kernels are told of them. */

export type Lesion = ReadonlyArray<{ readonly voxel: number; readonly weight: number }>

/** Without weights. */
export const lesionOf = (...voxels: ReadonlyArray<number>): Lesion => voxels.map((voxel) => ({ voxel, weight: 1 }))

/** Runs of consecutive voxels, lesion after lesion. */
export const runsOf = (lesions: ReadonlyArray<Lesion>) => {
  const runs: Array<number> = []
  const runEnds = [0]
  for (const lesion of lesions) {
    let next = -1
    for (const { voxel } of lesion) {
      if (voxel === next) runs[runs.length - 1]!++
      else runs.push(voxel, 1)
      next = voxel + 1
    }
    runEnds.push(runs.length / 2)
  }
  return { runs, runEnds }
}

/** Each of voxels drawn at random, few or many. */
export const someLesions = (
  random: () => number,
  count: number,
  voxels: number,
  weighted: boolean
): ReadonlyArray<Lesion> =>
  Array.from({ length: count }, () => {
    const density = random()
    const chosen = Array.from({ length: voxels }, (_, voxel) => voxel).filter(() => random() < density)
    const inside = chosen.length > 0 ? chosen : [Math.floor(random() * voxels)]
    return inside.map((voxel) => ({ voxel, weight: weighted ? Math.fround(0.1 + random()) : 1 }))
  })
