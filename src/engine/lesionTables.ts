/** The lesions of a pass as the seed kernel reads them: runs of consecutive voxels, with a weight for each voxel. */

import { type SeedRegion, totalWeight, weightsOf } from "../elements/SeedRegion.ts"
import type { LesionTables } from "./EngineTask.ts"
import { type EngineLayout, tablePlaces } from "./engineLayout.ts"

/** Writes the tables to their place in the engine's memory. */
export const writeLesionTables = (
  regions: ReadonlyArray<SeedRegion>,
  buffer: SharedArrayBuffer,
  layout: EngineLayout
): LesionTables => {
  const take = tablePlaces(layout)
  const write = <Values extends Float64Array | Float32Array | Int32Array>(
    values: Values,
    Type: new (target: SharedArrayBuffer, offset: number, length: number) => { set: (source: Values) => void }
  ): number => {
    const start = take(values.byteLength)
    new Type(buffer, start, values.length).set(values)
    return start
  }
  const runs = regions.map(({ voxels }) => runsOf(voxels))
  return {
    scales: write(
      Float64Array.from(regions, (region) => 1 / totalWeight(region)),
      Float64Array
    ),
    runs: write(Int32Array.from(runs.flat()), Int32Array),
    runEnds: write(endsOf(runs), Int32Array),
    weights: write(joined(regions.map(weightsOf)), Float32Array)
  }
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

const joined = (parts: ReadonlyArray<Float32Array>): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
