/**
 * Sums of a pass on disk: to go on from after an interruption, to add to those of other machines, and to make maps from.
 *
 * The file (arrayFileFormat.ts) is a function of the sums alone: it is the same bytes whoever computed them, and has no path, time or
 * host in it.
 */
import { Effect, Schema } from "effect"
import {
  type ConnectivitySums,
  type KeptSums,
  lesionSums,
  noSums,
  SumsUnreadable
} from "../elements/ConnectivitySums.ts"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import { addSeedMatrixSums } from "../elements/SeedMatrixSums.ts"
import { addDegreeSums } from "../kernels/degreeSums.ts"
import { fractionBits, fractionBitsOfFew } from "../kernels/fixedPoint.ts"
import { addSums } from "../kernels/LesionSums.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import type { InvalidArrayFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile, piecesOf as viewsOf } from "./readArrayFile.ts"
import { Count, CoveredRanges, HexFingerprints, rangesOf } from "./savedHeader.ts"
import { bytesOf, writeArrayFile } from "./writeArrayFile.ts"

const Header = Schema.Struct({
  kind: Schema.Literal("connectivity sums"),
  lesions: Count,
  voxels: Count,
  covered: CoveredRanges,
  fraction_bits: Schema.Literals([fractionBits, fractionBitsOfFew]),
  /** Seeds of which all pairs are summed too; null: none are. */
  paired_seeds: Schema.NullOr(Count),
  /** Whether the degree of the connectome is summed too. */
  degree: Schema.Boolean,
  /** Whether what is left of each seed is summed too; left out: it is not. */
  shares_left: Schema.optionalKey(Schema.Literal(true)),
  invalid_voxels: Count,
  /** Of each subject with something invalid: its position, its voxels, the lesions whose seeds are. */
  invalid_subjects: Schema.Array(Schema.Tuple([Count, Count, Schema.Array(Count)])),
  fingerprints: HexFingerprints
})

export type SumsHeader = typeof Header.Type

/**
 * Arrays: int64 [lesions][2][voxels], Σz and then Σz²; int64 [paired seeds][paired seeds]; int64 [voxels] where there is a degree; int64
 * [lesions] where there are shares; uint32 [lesions], invalid seeds.
 */
export const sumsFile: HeaderKind<SumsHeader> = {
  kind: "connectivity sums",
  schema: Header,
  bytesOf: ({ lesions, voxels, paired_seeds, degree, shares_left }) =>
    (2 * lesions * voxels + (paired_seeds ?? 0) ** 2 + (degree ? voxels : 0) + (shares_left ? lesions : 0)) *
      bytesPerSum +
    lesions * Uint32Array.BYTES_PER_ELEMENT
}

/** Sums that say what they are of. */
export type FingerprintedSums = ConnectivitySums & { readonly fingerprints: Fingerprints }

/**
 * Writes sums to a file, whole or not at all.
 *
 * Errors: `OutputNotWritten`. Memory: 16 B a voxel, and a few megabytes.
 */
export const saveSums = (file: string, sums: FingerprintedSums): Effect.Effect<void, OutputNotWritten> =>
  Effect.suspend(() => {
    const header: typeof Header.Encoded = {
      kind: "connectivity sums",
      lesions: sums.lesions,
      voxels: sums.voxels,
      covered: sums.covered.map(({ first, count }) => [first, count] as const),
      fraction_bits: sums.fractionBits as SumsHeader["fraction_bits"],
      paired_seeds: sums.pairs?.seeds ?? null,
      degree: sums.degree !== undefined,
      ...(sums.shares === undefined ? {} : { shares_left: true as const }),
      invalid_voxels: sums.invalidVoxels,
      invalid_subjects: sums.invalidSubjects.map(({ subject, voxels, seeds }) => [subject, voxels, seeds] as const),
      fingerprints: { study: sums.fingerprints.study, sums: sums.fingerprints.sums }
    }
    return writeArrayFile(file, header, piecesOf(sums))
  }).pipe(Effect.withSpan("saveSums"))

function* piecesOf(sums: ConnectivitySums): Generator<Uint8Array> {
  const { voxels, fractionBits, subjects } = sums
  const row = new BigInt64Array(2 * voxels)
  for (let lesion = 0; lesion < sums.lesions; lesion++) {
    row.fill(0n)
    addSums(lesionSums(sums, lesion), { values: row, width: voxels, step: 0, voxels, subjects, fractionBits })
    yield new Uint8Array(row.buffer)
  }
  if (sums.pairs !== undefined) yield* bytesOf(sums.pairs.sumZ)
  if (sums.degree !== undefined) yield* bytesOf(sums.degree)
  if (sums.shares !== undefined) yield* bytesOf(sums.shares)
  yield* bytesOf(sums.invalidSeeds)
}

/**
 * Reads sums from a file, in rows of all voxels.
 *
 * Errors: `InvalidArrayFile` where it cannot be read, holds no sums, is of another version, truncated or damaged. Memory: the sums, and a
 * few megabytes.
 */
export const loadSums = Effect.fn("loadSums")(function* (
  file: string
): Effect.fn.Return<FingerprintedSums, InvalidArrayFile> {
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { header, read } = yield* openArrayFile(file, [sumsFile])
      const { lesions, voxels, paired_seeds, covered, fingerprints } = header
      const seeds = paired_seeds ?? undefined
      const pairs = seeds === undefined ? undefined : { seeds, sumZ: new BigInt64Array(seeds ** 2) }
      const degree = header.degree ? new BigInt64Array(voxels) : undefined
      const shares = header.shares_left ? new BigInt64Array(lesions) : undefined
      const sums = { ...noSums({ lesions, voxels, fractionBits: header.fraction_bits }), pairs, degree, shares }
      const more = [pairs?.sumZ, degree, shares].filter((array) => array !== undefined)
      yield* read([sums.values, ...more, sums.invalidSeeds])
      const { ranges, subjects } = rangesOf(covered)
      const { invalid_voxels: invalidVoxels } = header
      const invalidSubjects = invalidSubjectsOf(header)
      return { ...sums, subjects, covered: ranges, invalidVoxels, invalidSubjects, fingerprints }
    })
  )
})

/** Sums on disk that say what they are of. */
export type FingerprintedKeptSums = KeptSums & { readonly fingerprints: Fingerprints }

/**
 * Looks through a file of sums, to go on from them without having them in memory twice.
 *
 * Errors: as `loadSums`. Memory: 16 B a voxel, and a few megabytes.
 */
export const openSums = Effect.fn("openSums")(function* (
  file: string
): Effect.fn.Return<FingerprintedKeptSums, InvalidArrayFile> {
  const { header, counts, shares } = yield* readInto(file, undefined)
  const { ranges, subjects } = rangesOf(header.covered)
  const { lesions, voxels, paired_seeds, fingerprints } = header
  const kept: FingerprintedKeptSums = {
    lesions,
    voxels,
    subjects,
    covered: ranges,
    fractionBits: header.fraction_bits,
    pairs: paired_seeds === null ? undefined : { seeds: paired_seeds },
    degree: header.degree ? true : undefined,
    shares,
    invalidVoxels: header.invalid_voxels,
    invalidSeeds: counts,
    invalidSubjects: invalidSubjectsOf(header),
    fingerprints,
    addTo: (into) =>
      readInto(file, into).pipe(
        Effect.mapError((cause) => new SumsUnreadable({ file, cause })),
        Effect.asVoid
      )
  }
  return kept
})

/** Reads a file from its beginning to its end, adds its sums to others, if to any, and gives its counts of invalid seeds and its shares. */
const readInto = (file: string, into: ConnectivitySums | undefined) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { header, readPieces } = yield* openArrayFile(file, [sumsFile])
      const counts = new Uint32Array(header.lesions)
      const shares = header.shares_left ? new BigInt64Array(header.lesions) : undefined
      yield* readPieces(piecesInto(header, into, { counts, shares }))
      return { header, counts, shares }
    })
  )

/** What is read one after the other; a row of sums is added when the next is asked for. */
function* piecesInto(
  { lesions, voxels, paired_seeds, degree, fraction_bits: fractionBits }: SumsHeader,
  into: ConnectivitySums | undefined,
  {
    counts,
    shares
  }: { readonly counts: Uint32Array<ArrayBuffer>; readonly shares: BigInt64Array<ArrayBuffer> | undefined }
): Generator<Uint8Array> {
  const row = new BigInt64Array(2 * voxels)
  for (let lesion = 0; lesion < lesions; lesion++) {
    yield* viewsOf(row)
    const sums = { values: row, width: voxels, step: 0, voxels, subjects: 0, fractionBits }
    if (into !== undefined) addSums(sums, lesionSums(into, lesion))
  }
  const seeds = paired_seeds ?? 0
  const pairsOfSeed = new BigInt64Array(seeds)
  for (let seed = 0; seed < seeds; seed++) {
    yield* viewsOf(pairsOfSeed)
    const target = into?.pairs?.sumZ.subarray(seed * seeds, (seed + 1) * seeds)
    if (target !== undefined) addSeedMatrixSums(pairsOfSeed, target)
  }
  if (degree) {
    const ofVoxels = row.subarray(0, voxels)
    yield* viewsOf(ofVoxels)
    if (into?.degree !== undefined) addDegreeSums(ofVoxels, into.degree)
  }
  if (shares !== undefined) yield* viewsOf(shares)
  yield* viewsOf(counts)
}

const invalidSubjectsOf = ({ invalid_subjects }: SumsHeader): ConnectivitySums["invalidSubjects"] =>
  invalid_subjects.map(([subject, voxels, seeds]) => ({ subject, voxels, seeds }))
