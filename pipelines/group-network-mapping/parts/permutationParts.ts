/**
 * Parts of a group's analysis: each a share of the permutations of every contrast. What they come to lies in `.lnm/parts/` of the output
 * folder, a file a contrast.
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { readPartRecord } from "../../../src/cluster/PartRecord.ts"
import { PartsNotWhole } from "../../../src/cluster/PartsRefused.ts"
import { cutFile, partsFolder } from "../../../src/cluster/partsFolder.ts"
import { fusesMultiplyAdd } from "../../../src/kernels/fusesMultiplyAdd.ts"
import { numericsVersion } from "../../../src/kernels/numericPolicy.ts"
import { canonicalJson } from "../../../src/output/canonicalJson.ts"
import { loadPiece } from "../../../src/output/savedPiece.ts"
import { packageVersion } from "../../../src/runtime/version.ts"
import type { PartOfContrast, SpatialKind } from "../../../src/stages/group/ContrastParts.ts"
import type { PermutedRange } from "../../../src/stages/group/permutedMaps.ts"
import type { PlannedContrast } from "../planContrasts.ts"
import type { PlannedGroup } from "../planGroup.ts"

/** How an analysis is cut, as the first part writes it down. */
export const GroupCut = Schema.Struct({
  version: Schema.String,
  parts: Schema.Int,
  /** What the numbers of the units are of. */
  counts: Schema.Literal("permutations"),
  units: Schema.Array(Schema.Struct({ part: Schema.Int, subjects: Schema.Struct({ count: Schema.Int }) }))
})

export type GroupCut = typeof GroupCut.Type

/** The permutations of a contrast that a part computes; none where there are fewer than parts. */
export const shareOf = (permutations: number, number: number, parts: number): PermutedRange => {
  const first = Math.floor(((number - 1) * permutations) / parts)
  return { first, count: Math.floor((number * permutations) / parts) - first }
}

export const groupCut = (contrasts: ReadonlyArray<PlannedContrast>, parts: number): GroupCut => ({
  version: packageVersion,
  parts,
  counts: "permutations",
  units: Array.from({ length: parts }, (_, n) => ({
    part: n + 1,
    subjects: {
      count: contrasts.reduce((sum, { permutations }) => sum + shareOf(permutations.count, n + 1, parts).count, 0)
    }
  }))
})

/** What decides whether a part that is done is one of this analysis, before any map is read: config, arithmetic, and which files there are. */
export const analysisStamp = ({ contrasts, inputs, arithmetic, kernels }: PlannedGroup): string =>
  createHash("sha256")
    .update(
      canonicalJson({
        ...{ packageVersion, numericsVersion, arithmetic, kernels },
        contrasts: contrasts.map(({ config }) => config),
        files: inputs.map(({ file, size, changed }) => [file, size, changed])
      })
    )
    .digest("hex")

/** Whether an analysis multiplies and adds with one rounding on this machine; null: in its arithmetic that makes no difference. */
export const kindOfMultiplyAdd = ({ arithmetic }: Pick<PlannedGroup, "arithmetic">): boolean | null =>
  arithmetic === "fast" ? fusesMultiplyAdd() : null

/** What a part of a contrast is known by. @param contrast fingerprint of the contrast */
export const partFingerprint = (contrast: string, kind: SpatialKind): string =>
  createHash("sha256").update(`${contrast} ${kind}`).digest("hex")

/** The cut of a folder; undefined where there is none that this version has written. */
export const readGroupCut = (output: string): Effect.Effect<GroupCut | undefined> =>
  Effect.tryPromise(() => readFile(cutFile(output), "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(GroupCut))),
    Effect.orElseSucceed(() => undefined)
  )

export const permutationsFile = (output: string, part: number, contrast: string): string =>
  path.join(partsFolder(output), `part-${part}-${contrast}.permutations`)

const PartArrays = Schema.Struct({
  counts: Schema.instanceOf(Uint32Array),
  maxima: Schema.instanceOf(Float64Array),
  enhanced: Schema.instanceOf(Float64Array),
  extents: Schema.instanceOf(Float64Array),
  masses: Schema.instanceOf(Float64Array)
})

const decodeArrays = Schema.decodeUnknownOption(PartArrays)

/** What a part has left of a contrast. Errors: `InvalidArrayFile`. */
export const readPartOfContrast = Effect.fnUntraced(function* (output: string, part: number, contrast: string) {
  const { label, arrays } = yield* loadPiece(permutationsFile(output, part, contrast))
  const decoded = decodeArrays(arrays)
  return {
    fingerprint: label.fingerprint,
    found: decoded._tag === "Some" ? (decoded.value as PartOfContrast) : undefined
  }
})

const wordsOf = (fused: boolean | null): string =>
  fused === null ? "strict arithmetic" : fused ? "fused multiply-adds" : "multiply-adds that are not fused"

/**
 * The records of all parts, done and computed alike. Errors: `PartsNotWhole`.
 *
 * @param kind how this machine multiplies and adds, which computes the observed maps
 */
export const recordsOfParts = Effect.fn("recordsOfParts")(function* (
  output: string,
  cut: GroupCut,
  kind: boolean | null
) {
  const folder = partsFolder(output)
  const numbers = Array.from({ length: cut.parts }, (_, n) => n + 1)
  const found = yield* Effect.forEach(numbers, (part) => readPartRecord(output, part))
  const missing = numbers.filter((_, n) => found[n]?.of !== "permutations")
  if (missing.length > 0) {
    const problems = [`${missing.length} of ${cut.parts} parts are not computed yet: ${missing.join(", ")}`]
    return yield* new PartsNotWhole({ folder, problems, remedy: `Compute each with --part K/${cut.parts}` })
  }
  const records = found.filter((record) => record !== undefined)
  const others = records.filter((record) => record.fused !== kind)
  if (others.length > 0) {
    const named = `${others.map(({ part }) => part).join(", ")} (on ${[...new Set(others.map(({ host }) => host))].join(", ")})`
    const problems = [
      `parts ${named} were computed with ${wordsOf(others[0]!.fused)}, and this machine merges with ${wordsOf(kind)}, which gives other last digits`
    ]
    const remedy = "Use machines of one kind, or compute.arithmetic: strict for all"
    return yield* new PartsNotWhole({ folder, problems, remedy })
  }
  return records
})
