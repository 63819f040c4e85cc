/** Reads the parts of a group's analysis, for the run that makes its results: that computes none of the permutations itself. */
import { rm } from "node:fs/promises"
import { Effect } from "effect"
import { PartsNotWhole, PartsThere } from "../../../src/cluster/PartsRefused.ts"
import { refuseWorkingParts } from "../../../src/cluster/partLocks.ts"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import type { Manifest } from "../../../src/output/Manifest.ts"
import { contrastData } from "../../../src/stages/group/Contrast.ts"
import {
  type ContrastPartsService,
  type PartOfContrast,
  type SpatialKind,
  spatialKind
} from "../../../src/stages/group/ContrastParts.ts"
import { contrastFingerprint } from "../../../src/stages/group/contrastPieces.ts"
import type { FoundDesigns } from "../../group-network-mapping.ts"
import type { PlannedGroup } from "../planGroup.ts"
import {
  type GroupCut,
  kindOfMultiplyAdd,
  partFingerprint,
  readGroupCut,
  readPartOfContrast,
  recordsOfParts,
  shareOf
} from "./permutationParts.ts"

/** Adds the counts of all parts, and puts their maxima in place. Errors: `PartsNotWhole`, naming every part that is not of this analysis. */
export const readMergedParts = Effect.fn("readMergedParts")(function* (
  output: string,
  cut: GroupCut,
  { contrasts, voxels, content }: FoundDesigns,
  arithmetic: "fast" | "strict"
) {
  const merged = new Map<string, PartOfContrast>()
  const problems: Array<string> = []
  for (const { config, design, permutations } of contrasts) {
    const data = contrastData({ design, ranks: config.ranks, permutations, arithmetic })
    const fingerprint = contrastFingerprint(data, content)
    const kind = spatialKind(config)
    const all = emptyPart(voxels, permutations.count, config.tfce || config.clusters)
    for (let part = 1; part <= cut.parts; part++) {
      const problem = yield* readPartOfContrast(output, part, config.name).pipe(
        Effect.map((read) => {
          const share = shareOf(permutations.count, part, cut.parts)
          if (read.fingerprint !== partFingerprint(fingerprint, kind))
            return "it is of other maps, another design or version"
          return read.found !== undefined && addPart(all, read.found, share.first, share.count)
            ? undefined
            : "it is of other permutations or voxels"
        }),
        Effect.catch(({ message }) => Effect.succeed(message))
      )
      if (problem !== undefined) problems.push(`part ${part}, contrast ${config.name}: ${problem}`)
    }
    // Counts and maxima of voxels by themselves are the same, whatever is computed of neighbours.
    for (const each of new Set<SpatialKind>([kind, "nothing"])) merged.set(partFingerprint(fingerprint, each), all)
  }
  if (problems.length > 0) {
    const remedy = "Compute the parts that are named again, with --fresh"
    return yield* new PartsNotWhole({ folder: partsFolder(output), problems, remedy })
  }
  const service: ContrastPartsService = {
    of: (fingerprint, kind) => Effect.succeed(merged.get(partFingerprint(fingerprint, kind)))
  }
  return service
})

const emptyPart = (voxels: number, permutations: number, spatial: boolean): PartOfContrast => {
  const floats = () => new Float64Array(spatial ? permutations : 0)
  return {
    counts: new Uint32Array(voxels),
    maxima: new Float64Array(permutations),
    enhanced: floats(),
    extents: floats(),
    masses: floats()
  }
}

/** False where the part is of another size. Mutates `all`. */
const addPart = (all: PartOfContrast, part: PartOfContrast, first: number, count: number): boolean => {
  const spatial = all.extents.length > 0 ? count : 0
  const lengths = [part.enhanced, part.extents, part.masses].map(({ length }) => length)
  if (part.counts.length !== all.counts.length || part.maxima.length !== count) return false
  if (lengths.some((length) => length !== spatial)) return false
  for (let v = 0; v < all.counts.length; v++) all.counts[v]! += part.counts[v]!
  all.maxima.set(part.maxima, first)
  if (spatial === 0) return true
  all.enhanced.set(part.enhanced, first)
  all.extents.set(part.extents, first)
  all.masses.set(part.masses, first)
  return true
}

/** A merge at work: what its run takes from the parts, once these have been found to be right. */
export interface Merging {
  readonly parts: ContrastPartsService
  /** Reads the parts. */
  readonly begin: (found: FoundDesigns) => Effect.Effect<void, Error>
  /** The parts, for the manifest. */
  readonly records: NonNullable<Manifest["parts"]>
}

/** Plans a merge. Errors: `PartsNotWhole`. */
export const planGroupMerge = Effect.fn("planGroupMerge")(function* (output: string, planned: PlannedGroup) {
  const cut = yield* readGroupCut(output)
  if (cut === undefined) {
    const problems = ["there are none"]
    return yield* new PartsNotWhole({ folder: partsFolder(output), problems, remedy: "Compute them with --part K/N" })
  }
  const records = yield* recordsOfParts(output, cut, kindOfMultiplyAdd(planned))
  let merged: ContrastPartsService | undefined
  const merging: Merging = {
    parts: { of: (fingerprint, kind) => merged?.of(fingerprint, kind) ?? Effect.succeed(undefined) },
    begin: (found) =>
      Effect.gen(function* () {
        yield* refuseWorkingParts(output, cut.parts)
        merged = yield* readMergedParts(output, cut, found, planned.kernels)
      }).pipe(Effect.scoped),
    records: records.map(({ part, host, subjects, started, seconds, peak_memory_bytes }) => ({
      ...{ part, host, subjects },
      ...{ started, seconds, peak_memory_bytes }
    }))
  }
  return merging
})

/** Fails where an analysis that is asked for whole has been cut into parts, and is not begun anew. */
export const refuseGroupParts = Effect.fnUntraced(function* (output: string, fresh: boolean) {
  const cut = yield* readGroupCut(output)
  if (cut !== undefined && !fresh) return yield* new PartsThere({ folder: output, parts: cut.parts })
})

/** Removes all that parts have left; the results are there. */
export const removeGroupParts = (output: string): Effect.Effect<void> =>
  Effect.promise(() => rm(partsFolder(output), { recursive: true, force: true }))
