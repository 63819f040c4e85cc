/**
 * The lesions of a pass as the seed kernel reads them: runs of consecutive voxels with a weight for each voxel, in
 * groups of whole blocks of six lesions that workers take side by side.
 */
import { BLOCK_LESIONS } from "../kernels/WasmKernels.ts"
import type { EngineLayout } from "../runtime/engineLayout.ts"
import type { SeedRegion } from "./Seed.ts"

/** A group of lesions, and the addresses of its tables. */
export interface LesionGroup {
  readonly firstLesion: number
  readonly lesions: number
  /** int32 [runs][2]: start and length. */
  readonly runs: number
  /** int32 [lesions + 1]: the first run of each lesion, and the end of the last. */
  readonly runEnds: number
  /** float32, one a lesion voxel. */
  readonly weights: number
  /** float64 [lesions]: 1 / sum of the weights. */
  readonly scales: number
}

/** Writes the tables of at most `groups` groups to their place in the engine's memory. */
export const writeLesionTables = (
  regions: ReadonlyArray<SeedRegion>,
  buffer: SharedArrayBuffer,
  layout: EngineLayout,
  groups: number
): ReadonlyArray<LesionGroup> => {
  let end = layout.tables
  const write = <Values extends Float64Array | Float32Array | Int32Array>(
    values: Values,
    Type: new (target: SharedArrayBuffer, offset: number, length: number) => { set: (source: Values) => void }
  ): number => {
    const start = end
    new Type(buffer, start, values.length).set(values)
    end += Math.ceil(values.byteLength / 8) * 8
    return start
  }
  const perGroup = Math.ceil(Math.ceil(regions.length / BLOCK_LESIONS) / groups) * BLOCK_LESIONS
  return Array.from({ length: Math.ceil(regions.length / perGroup) }, (_, group): LesionGroup => {
    const members = regions.slice(group * perGroup, (group + 1) * perGroup)
    const runs = members.map(({ voxels }) => runsOf(voxels))
    return {
      firstLesion: group * perGroup,
      lesions: members.length,
      scales: write(
        Float64Array.from(members, ({ voxels }) => 1 / voxels.length),
        Float64Array
      ),
      runs: write(Int32Array.from(runs.flat()), Int32Array),
      runEnds: write(endsOf(runs), Int32Array),
      weights: write(
        new Float32Array(members.reduce((sum, { voxels }) => sum + voxels.length, 0)).fill(1),
        Float32Array
      )
    }
  })
}

/** Start and length of each run of consecutive numbers, one after the other. */
const runsOf = (voxels: Int32Array): Array<number> => {
  const runs: Array<number> = []
  for (let i = 0; i < voxels.length; i++) {
    if (i > 0 && voxels[i] === voxels[i - 1]! + 1) runs[runs.length - 1]! += 1
    else runs.push(voxels[i]!, 1)
  }
  return runs
}

const endsOf = (runs: ReadonlyArray<ReadonlyArray<number>>): Int32Array => {
  const ends = new Int32Array(runs.length + 1)
  for (const [lesion, ofLesion] of runs.entries()) ends[lesion + 1] = ends[lesion]! + ofLesion.length / 2
  return ends
}
