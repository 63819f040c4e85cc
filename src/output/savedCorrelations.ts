/**
 * Correlations of lesion voxels (the first pass of refined seeds) on disk, of some or all subjects: to join with those of other subjects.
 */
import { Effect, Schema } from "effect"
import type { CoveredSubjects } from "../elements/coveredSubjects.ts"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import type { LesionVoxelCorrelations } from "../elements/LesionVoxelCorrelations.ts"
import { type InvalidArrayFile, invalidFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile } from "./readArrayFile.ts"
import { Count, CoveredRanges, HexFingerprints, rangesOf } from "./savedHeader.ts"
import { bytesOf, writeArrayFile } from "./writeArrayFile.ts"

const Header = Schema.Struct({
  kind: Schema.Literal("lesion voxel correlations"),
  lesions: Count,
  /** Voxels of all lesions together. */
  lesion_voxels: Count,
  /** Subjects of the connectome. */
  subjects: Count,
  covered: CoveredRanges,
  fingerprints: HexFingerprints
})

export type CorrelationsHeader = typeof Header.Type

/** Arrays: int32 [lesions + 1], the first column of each lesion; int32 [covered subjects][lesion voxels], r · 2³⁰. */
export const correlationsFile: HeaderKind<CorrelationsHeader> = {
  kind: "lesion voxel correlations",
  schema: Header,
  bytesOf: ({ lesions, lesion_voxels, covered }) =>
    (lesions + 1 + rangesOf(covered).subjects * lesion_voxels) * Int32Array.BYTES_PER_ELEMENT
}

/** Correlations that say what they are of. */
export type FingerprintedCorrelations = LesionVoxelCorrelations & { readonly fingerprints: Fingerprints }

/** Writes correlations to a file, whole or not at all. Errors: `OutputNotWritten`. */
export const saveCorrelations = (
  file: string,
  correlations: FingerprintedCorrelations
): Effect.Effect<void, OutputNotWritten> =>
  Effect.suspend(() => {
    const { subjects, covered, columns, fingerprints } = correlations
    const header: typeof Header.Encoded = {
      kind: "lesion voxel correlations",
      lesions: columns.length - 1,
      lesion_voxels: columns.at(-1)!,
      subjects,
      covered: covered.map(({ first, count }) => [first, count] as const),
      fingerprints: { study: fingerprints.study, sums: fingerprints.sums }
    }
    return writeArrayFile(file, header, piecesOf(correlations))
  }).pipe(Effect.withSpan("saveCorrelations"))

function* piecesOf({ columns, values }: LesionVoxelCorrelations): Generator<Uint8Array> {
  yield* bytesOf(columns)
  yield* bytesOf(values)
}

/**
 * Reads correlations from a file.
 *
 * Errors: `InvalidArrayFile` where it cannot be read, holds no correlations, is of another version, truncated or damaged. Memory: the
 * correlations, and a few megabytes.
 */
export const loadCorrelations = Effect.fn("loadCorrelations")(function* (
  file: string
): Effect.fn.Return<FingerprintedCorrelations, InvalidArrayFile> {
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { header, read } = yield* openArrayFile(file, [correlationsFile])
      const { subjects, lesions, lesion_voxels, fingerprints } = header
      const { ranges: covered, subjects: rows } = rangesOf(header.covered)
      const columns = new Int32Array(lesions + 1)
      const values = new Int32Array(rows * lesion_voxels)
      yield* read([columns, values])
      if (!isPlausible(columns, lesion_voxels) || endOf(covered) > subjects) {
        return yield* invalidFile(file, "damaged", "its header and its arrays are not of the same lesions and subjects")
      }
      return { subjects, covered, columns, values, fingerprints }
    })
  )
})

const endOf = (covered: CoveredSubjects): number => covered.reduce((_, { first, count }) => first + count, 0)

/** Whether columns begin at 0, do not descend, and end at the voxels of all lesions. */
const isPlausible = (columns: Int32Array, lesionVoxels: number): boolean =>
  columns[0] === 0 &&
  columns.at(-1) === lesionVoxels &&
  columns.every((column, i) => i === 0 || column >= columns[i - 1]!)
