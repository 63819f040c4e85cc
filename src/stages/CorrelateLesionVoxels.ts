/**
 * Correlate lesion voxels: the correlation of each voxel of a lesion with the lesion's own seed, in every subject.
 * `principalSeeds` makes refined seeds from them.
 *
 * Input: chunks with seeds. Output: one element, the correlations over all subjects. Releases the chunks. Follows seed. Where an
 * engine computes, seed and this are done in its workers (`EngineLesionVoxels`), and on a store ingest too.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */
import { Effect, Stream } from "effect"
import { joinSubjects, subjectsOf } from "../elements/coveredSubjects.ts"
import { type CannotContinue, continueCorrelations } from "../elements/joinCorrelations.ts"
import type { CorrelateLesionVoxelsOptions } from "../elements/LesionVoxelCorrelations.ts"
import { columnsOf, coveredRows, type LesionVoxelCorrelations } from "../elements/LesionVoxelCorrelations.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk } from "../elements/SeededChunk.ts"
import type { SeedRegion } from "../elements/SeedRegion.ts"
import { correlateLesionVoxels as correlateVoxels } from "../kernels/correlateLesionVoxels.ts"
import { bytesPerFloat64, lesionVoxelBytes } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"

/** The stage that correlates lesion voxels with their own seed. Shapes: `LesionVoxelCorrelations`. */
export const correlateLesionVoxels = ({
  regions,
  subjects,
  from
}: CorrelateLesionVoxelsOptions): Stage<SeededChunk, LesionVoxelCorrelations, CannotContinue, Progress> => ({
  name: "correlateLesionVoxels",
  operation: { _tag: "correlateLesionVoxels", options: { regions, subjects, from } } satisfies StageOperation,
  transform: (chunks) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const progress = yield* Progress
        const columns = columnsOf(regions)
        const values = new Int32Array(subjects * columns.at(-1)!)
        let covered = yield* continueCorrelations(from, { subjects, columns, values })
        const consumed = Stream.mapEffect(chunks, (chunk) => {
          covered = joinSubjects(covered, subjectsOf(chunk))
          return addChunk(chunk, regions, { columns, values }, progress)
        })
        return Stream.concat(
          Stream.drain(consumed),
          Stream.sync(
            (): LesionVoxelCorrelations => ({
              subjects,
              ...coveredRows(values, columns, covered),
              fingerprints: undefined
            })
          )
        )
      })
    ),
  footprintBytes: (shape) => lesionVoxelBytes(shape) + shape.timePoints * bytesPerFloat64
})

const addChunk = Effect.fnUntraced(function* (
  chunk: SeededChunk,
  regions: ReadonlyArray<SeedRegion>,
  { values, columns }: Pick<LesionVoxelCorrelations, "values" | "columns">,
  progress: Progress["Service"]
) {
  const rowValues = columns.at(-1)!
  for (const { subject, values: series, seeds } of chunk.subjects) {
    const { timePoints, index } = subject
    const column = new Float64Array(timePoints)
    for (const [lesion, { voxels }] of regions.entries()) {
      const at = index * rowValues + columns[lesion]!
      correlateVoxels(series, timePoints, chunk.voxels, voxels, seeds, lesion * timePoints, column, values, at)
      yield* Effect.yieldNow
    }
    yield* progress.subjectDone
  }
  yield* chunk.release
})
