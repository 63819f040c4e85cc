/**
 * The size of a study's problem, from which its plan is made: the shape of a pass over all its lesions, and the bytes that a
 * pass reads. The number of subjects a chunk is chosen here, to suit both the source that reads them and the engine that
 * computes on them.
 */
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { bytesWithLesions } from "../../src/engine/EngineLesionVoxels.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import type { ProblemShape } from "../../src/runtime/ProblemShape.ts"
import type { Study } from "./Study.ts"

/** Two slots: one chunk is read while another is computed. */
const chunkSlots = 2

/**
 * Subjects a chunk that suit the engine: it reads and writes a panel's sums once a chunk, and with four subjects that
 * costs little beside the rest.
 */
const engineSubjectsPerChunk = 4

/**
 * The same of a store, where a subject takes half the memory, with so many lesions that their sums are larger than the caches: 96 lesions on 480
 * subjects of 50,000 voxels took 4 % less time than with four, one lesion as much; HDF5 gained nothing.
 */
const storedSubjectsPerChunk = 6
const manyLesions = 24

/** @param workers of the backend; 0: all is computed on the main thread */
export const shapeOf = (
  { connectome, lesions, maps, pini, partial, matrix, degree }: Study,
  workers: number
): ProblemShape => ({
  subjects: connectome.subjects.length,
  subjectsPerChunk: Math.min(connectome.subjects.length, subjectsPerChunk(connectome, lesions.length, workers > 0)),
  chunkSlots,
  readers: Math.max(1, workers),
  timePoints: connectome.subjects.reduce((longest, { timePoints }) => Math.max(longest, timePoints), 0),
  voxels: connectome.voxels,
  gridVoxels: voxelsOf(connectome.grid),
  lesions: lesions.length,
  lesionVoxels: (partial?.lesions ?? lesions).reduce((sum, { voxels }) => sum + voxels.length, 0),
  mapsPerLesion: maps.length,
  storedBytesPerSubject: workers === 0 ? undefined : connectome.stored?.layout.bytes,
  correlatedVoxels: pini === undefined ? undefined : largestTogether(lesions),
  matrixSeeds: matrix === true ? lesions.length : undefined,
  partialSeeds: partial?.lesions.length,
  degree: degree === true ? true : undefined
})

/** Bytes that are read for a batch of lesions: the connectome, and with PINI also what the first pass reads of it. */
export const bytesPerPass = ({ connectome, lesions, pini }: Study, onEngine: boolean): number => {
  const { bytesToRead, stored } = connectome
  if (pini === undefined) return bytesToRead
  const toRefine = onEngine && stored !== undefined ? bytesWithLesions(connectome, stored, lesions) : bytesToRead
  return bytesToRead + toRefine
}

/** At position n the voxels that the n largest lesions have together. */
const largestTogether = (lesions: ReadonlyArray<Lesion>): ReadonlyArray<number> => {
  const together = [0]
  const sizes = lesions.map(({ voxels }) => voxels.length).sort((a, b) => b - a)
  for (const size of sizes) together.push(together.at(-1)! + size)
  return together
}

/**
 * As many subjects as the source reads best together; for the engine the next multiple of that, `engineSubjectsPerChunk` at least, or
 * `storedSubjectsPerChunk`.
 */
const subjectsPerChunk = ({ subjectsPerRead, stored }: Connectome, lesions: number, onEngine: boolean): number => {
  if (!onEngine) return subjectsPerRead
  const wanted = stored !== undefined && lesions >= manyLesions ? storedSubjectsPerChunk : engineSubjectsPerChunk
  return subjectsPerRead * Math.ceil(wanted / subjectsPerRead)
}
