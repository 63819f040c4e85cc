/**
 * Sums of a pass on disk: to go on from after an interruption, to add to those of other machines, and to make maps from.
 *
 * The file (arrayFileFormat.ts) is a function of the sums alone: it is the same bytes whoever computed them, and has no path, time or
 * host in it.
 */
import { Effect, Schema } from "effect"
import { type ConnectivitySums, lesionSums, noSums } from "../elements/ConnectivitySums.ts"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import { fractionBits, fractionBitsOfFew } from "../kernels/fixedPoint.ts"
import { addSums } from "../kernels/LesionSums.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import type { InvalidArrayFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile } from "./readArrayFile.ts"
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
  invalid_voxels: Count,
  fingerprints: HexFingerprints
})

export type SumsHeader = typeof Header.Type

/** Arrays: int64 [lesions][2][voxels], Σz and then Σz²; int64 [paired seeds][paired seeds]; uint32 [lesions], invalid seeds. */
export const sumsFile: HeaderKind<SumsHeader> = {
  kind: "connectivity sums",
  schema: Header,
  bytesOf: ({ lesions, voxels, paired_seeds }) =>
    (2 * lesions * voxels + (paired_seeds ?? 0) ** 2) * bytesPerSum + lesions * Uint32Array.BYTES_PER_ELEMENT
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
      invalid_voxels: sums.invalidVoxels,
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
      const sums = { ...noSums({ lesions, voxels, fractionBits: header.fraction_bits }), pairs }
      yield* read([sums.values, ...(pairs === undefined ? [] : [pairs.sumZ]), sums.invalidSeeds])
      const { ranges, subjects } = rangesOf(covered)
      const { invalid_voxels: invalidVoxels } = header
      return { ...sums, subjects, covered: ranges, invalidVoxels, fingerprints }
    })
  )
})
