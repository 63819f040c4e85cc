/**
 * Correlations of lesion voxels (the first pass of refined seeds) on disk, of some or all subjects: to join with those of other subjects.
 */
import { Effect, Schema } from "effect"
import { SumsUnreadable } from "../elements/ConnectivitySums.ts"
import type { CoveredSubjects } from "../elements/coveredSubjects.ts"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import type { KeptCorrelations, LesionVoxelCorrelations } from "../elements/LesionVoxelCorrelations.ts"
import { type InvalidArrayFile, invalidFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile, piecesOf as viewsOf } from "./readArrayFile.ts"
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

/** Correlations on disk that say what they are of. */
export type FingerprintedKeptCorrelations = KeptCorrelations & { readonly fingerprints: Fingerprints }

/**
 * Looks through a file of correlations, to go on from them without having them in memory twice.
 *
 * Errors: as `loadCorrelations`. Memory: some megabytes.
 */
export const openCorrelations = Effect.fn("openCorrelations")(function* (
  file: string
): Effect.fn.Return<FingerprintedKeptCorrelations, InvalidArrayFile> {
  const { header, columns } = yield* readRows(file, undefined)
  const { subjects, lesion_voxels, fingerprints } = header
  const { ranges: covered } = rangesOf(header.covered)
  if (!isPlausible(columns, lesion_voxels) || endOf(covered) > subjects) {
    return yield* invalidFile(file, "damaged", "its header and its arrays are not of the same lesions and subjects")
  }
  return {
    subjects,
    covered,
    columns,
    fingerprints,
    placeIn: (rows) =>
      readRows(file, rows).pipe(
        Effect.mapError((cause) => new SumsUnreadable({ file, cause })),
        Effect.asVoid
      )
  }
})

/** Reads a file from its beginning to its end, its rows to their places among those of all subjects, if anywhere. */
const readRows = (file: string, rows: Int32Array | undefined) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { header, readPieces } = yield* openArrayFile(file, [correlationsFile])
      const columns = new Int32Array(header.lesions + 1)
      yield* readPieces(piecesInto(header, rows, columns))
      return { header, columns }
    })
  )

function* piecesInto(
  { covered, lesion_voxels: row }: CorrelationsHeader,
  rows: Int32Array | undefined,
  columns: Int32Array<ArrayBuffer>
): Generator<Uint8Array> {
  yield* viewsOf(columns)
  const scratch = new Int32Array(rows === undefined ? row : 0)
  for (const { first, count } of rangesOf(covered).ranges) {
    if (rows !== undefined) yield* viewsOf(rows.subarray(first * row, (first + count) * row))
    else for (let subject = 0; subject < count; subject++) yield* viewsOf(scratch)
  }
}
