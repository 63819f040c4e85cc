/** What is wrong where a pass needs more than the engine can address, and which key of the config helps. */
import type { Fitting } from "../runtime/Backend.ts"
import { EngineExceeded } from "../runtime/EngineExceeded.ts"
import { largestThat } from "../runtime/fittingShape.ts"
import { chunkSlotBytes, type ProblemShape } from "../runtime/ProblemShape.ts"
import { largestMemoryBytes, layOutEngine } from "./engineLayout.ts"

/** Whether the engine can address what a pass of this shape needs. */
export const fitsEngine = (shape: ProblemShape, workers: number): boolean =>
  layOutEngine(shape, workers).bytes <= largestMemoryBytes

/** Bytes of a subject in a store with `precision: int16`: its values, and two float32 a voxel. */
const bytesAsIntegers = ({ timePoints, voxels }: ProblemShape): number => (2 * timePoints + 8) * voxels

/**
 * The failure of the smallest pass that was tried.
 *
 * @param fitting subjects a chunk and lesions a pass that would fit; 0 where fewer would not help
 */
export const engineExceeded = (smallest: ProblemShape, workers: number, fitting: Fitting): EngineExceeded => {
  const { lesions, subjectsPerChunk, timePoints, voxels } = smallest
  const fittingWorkers = largestThat(workers - 1, (count) => fitsEngine(smallest, count))
  const fitsUnpaired = fitsEngine({ ...smallest, matrixSeeds: undefined }, workers)
  const causes = [
    { key: "compute.subjects_per_chunk", fitting: fitting.subjects },
    { key: "lesions.batch_size", fitting: fitting.lesions },
    { key: "compute.workers", fitting: fittingWorkers }
  ] as const
  const cause = causes.find((one) => one.fitting > 0) ?? {
    key: fitsUnpaired ? ("statistics.matrix" as const) : ("connectome.path" as const),
    fitting: 0
  }
  return new EngineExceeded({
    ...cause,
    neededBytes: layOutEngine(smallest, workers).bytes,
    lesions,
    subjectsPerChunk,
    timePoints,
    voxels,
    subjectBytes: chunkSlotBytes({ ...smallest, subjectsPerChunk: 1 }),
    fitsAsIntegers: fitsEngine({ ...smallest, storedBytesPerSubject: bytesAsIntegers(smallest) }, workers)
  })
}
