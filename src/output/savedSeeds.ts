/**
 * Refined seeds on disk: which voxels of each lesion are kept, so that an interrupted run need not find them again.
 *
 * The file (arrayFileFormat.ts) is a function of the seeds alone.
 */
import { Effect, Schema } from "effect"
import type { Fingerprints } from "../elements/Fingerprints.ts"
import type { RefinedSeeds } from "../elements/RefinedSeeds.ts"
import type { InvalidArrayFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile } from "./readArrayFile.ts"
import { Count, HexFingerprints } from "./savedHeader.ts"
import { writeArrayFile } from "./writeArrayFile.ts"

const Header = Schema.Struct({
  kind: Schema.Literal("refined seeds"),
  /** Groups of subjects with seeds of their own. */
  groups: Count,
  /** Voxels of each lesion: every one has some, so that a file has no more groups and lesions than bytes. */
  lesion_voxels: Schema.Array(Schema.Int.check(Schema.isGreaterThan(0))).check(Schema.isMinLength(1)),
  fingerprints: HexFingerprints
})

type SeedsHeader = typeof Header.Type

/** Arrays: uint8 [groups][voxels of all lesions], 1 where the voxel is kept. */
const seedsFile: HeaderKind<SeedsHeader> = {
  kind: "refined seeds",
  schema: Header,
  bytesOf: ({ groups, lesion_voxels }) => groups * lesion_voxels.reduce((sum, count) => sum + count, 0)
}

/** Which voxels are kept, of each group and lesion, and what they are of. */
export interface KeptVoxels {
  readonly kept: RefinedSeeds["kept"]
  readonly fingerprints: Fingerprints
}

/** Writes which voxels are kept, whole or not at all. Errors: `OutputNotWritten`. */
export const saveSeeds = (file: string, { kept, fingerprints }: KeptVoxels): Effect.Effect<void, OutputNotWritten> => {
  const header: typeof Header.Encoded = {
    kind: "refined seeds",
    groups: kept.length,
    lesion_voxels: (kept[0] ?? []).map(({ length }) => length),
    fingerprints
  }
  return writeArrayFile(file, header, kept.flat())
}

/** Reads which voxels are kept. Errors: `InvalidArrayFile`. Memory: 1 B a lesion voxel and group. */
export const loadSeeds = Effect.fn("loadSeeds")(function* (
  file: string
): Effect.fn.Return<KeptVoxels, InvalidArrayFile> {
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { header, read } = yield* openArrayFile(file, [seedsFile])
      const { groups, lesion_voxels, fingerprints } = header
      const kept = Array.from({ length: groups }, () => lesion_voxels.map((count) => new Uint8Array(count)))
      yield* read(kept.flat())
      return { kept, fingerprints }
    })
  )
})
