/**
 * Which shape a pass takes: as many subjects a chunk as the source would like, and two chunk slots, where memory and the backend's bound
 * allow that; else fewer subjects a chunk, then one slot. Shapes are tried from the liked one to the least, so whatever
 * fits in any way is found, and a larger memory limit never loses it.
 */
import type { BackendService } from "./Backend.ts"
import { chunkSlotBytes, type ProblemShape } from "./ProblemShape.ts"

export interface ShapeRequest {
  /** The shape with all lesions in one pass and as many subjects a chunk as the source would like. */
  readonly shape: ProblemShape
  readonly backend: BackendService
  readonly subjectsPerChunk: "auto" | number
  readonly memoryLimitBytes: number
  /** What the run will hold at its peak with a pass of a shape, and the margin of that prediction. */
  readonly neededBytes: (shape: ProblemShape) => number
}

/** With `auto`, the chunk slots take at most a quarter of the memory that the run may use; the rest is for lesions. */
const shareOfMemory = 0.25

/** With `auto`, the chunk slots take at most half of what the backend addresses; the rest is for lesions. */
const shareOfBackend = 0.5

/** Shapes in the order in which they are tried; the last one takes the least memory. Each has all lesions. */
export const shapesToTry = (request: ShapeRequest): ReadonlyArray<ProblemShape> => {
  const { shape, subjectsPerChunk } = request
  const counts =
    subjectsPerChunk === "auto" ? downFrom(likedSubjects(request)) : [Math.min(subjectsPerChunk, shape.subjects)]
  return downFrom(shape.chunkSlots).flatMap((chunkSlots) =>
    counts.map((count) => ({ ...shape, chunkSlots, subjectsPerChunk: count }))
  )
}

/** Whether passes of this shape and so many lesions can be run. */
export const fits = (request: ShapeRequest, shape: ProblemShape, lesions: number): boolean => {
  const pass = { ...shape, lesions }
  return request.neededBytes(pass) <= request.memoryLimitBytes && request.backend.fits(pass)
}

/** The first shape that fits passes of so many lesions. */
export const fittingShape = (request: ShapeRequest, lesions: number): ProblemShape | undefined =>
  shapesToTry(request).find((shape) => fits(request, shape, lesions))

/** The most lesions a pass that a shape fits. */
export const fittingLesions = (request: ShapeRequest, shape: ProblemShape): number =>
  largestThat(request.shape.lesions, (lesions) => fits(request, shape, lesions))

/** The most subjects a chunk, below those of the config, with which so many lesions a pass fit; 0: fewer would not help. */
export const fittingSubjects = (request: ShapeRequest, lesions: number): number =>
  request.subjectsPerChunk === "auto"
    ? 0
    : (downFrom(request.subjectsPerChunk - 1).find(
        (subjectsPerChunk) => fittingShape({ ...request, subjectsPerChunk }, lesions) !== undefined
      ) ?? 0)

/** Largest number of subjects a chunk whose slots stay within `shareOfMemory` and `shareOfBackend`; 1 at least. */
const likedSubjects = ({ shape, backend, memoryLimitBytes }: ShapeRequest): number => {
  const most = Math.min(shareOfMemory * memoryLimitBytes, shareOfBackend * backend.mostBytes)
  const slotsFit = (count: number) => shape.chunkSlots * chunkSlotBytes({ ...shape, subjectsPerChunk: count }) <= most
  return Math.max(1, largestThat(shape.subjectsPerChunk, slotsFit))
}

const downFrom = (most: number): ReadonlyArray<number> => Array.from({ length: most }, (_, n) => most - n)

/** Largest count ≤ `most` for which `holds` is true; `holds` must be monotone. 0 if none. */
export const largestThat = (most: number, holds: (count: number) => boolean): number => {
  let low = 0
  let high = most
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}
