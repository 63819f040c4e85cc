/** Whether parts are whole and of one run: every subject of every batch once, computed alike. All problems are named together. */
import path from "node:path"
import { Effect } from "effect"
import { type PartRecord, type PartsOf, readPartRecord, unitFile } from "../../../src/cluster/PartRecord.ts"
import { PartsNotWhole } from "../../../src/cluster/PartsRefused.ts"
import { partLog, partsFolder } from "../../../src/cluster/partsFolder.ts"
import { lastLines } from "../../../src/cluster/runStatus.ts"
import { formatSubjects } from "../../../src/elements/coveredSubjects.ts"
import type { InvalidArrayFile } from "../../../src/output/arrayFileFormat.ts"
import { openArrayFile } from "../../../src/output/readArrayFile.ts"
import { correlationsFile } from "../../../src/output/savedCorrelations.ts"
import { rangesOf } from "../../../src/output/savedHeader.ts"
import { sumsFile } from "../../../src/output/savedSums.ts"
import type { OpenCut } from "./CutFile.ts"

/**
 * The records of all parts.
 *
 * @param sums the fingerprint that the files of each batch must have
 */
export const checkParts = Effect.fn("checkParts")(function* (
  output: string,
  { cut, hash }: OpenCut,
  of: PartsOf,
  sums: ReadonlyArray<string>
) {
  const folder = partsFolder(output)
  const numbers = Array.from({ length: cut.parts }, (_, n) => n + 1)
  const found = yield* Effect.forEach(numbers, (part) => readPartRecord(output, part))
  const missing = numbers.filter((_, n) => found[n] === undefined || found[n].of !== of)
  if (missing.length > 0) {
    const named = missing.length === cut.parts ? "all of them" : missing.join(", ")
    const logs = yield* Effect.forEach(missing, (part) =>
      Effect.map(lastLines(partLog(output, part)), (lines) =>
        lines === undefined ? [] : [`the log of part ${part} ends with\n    ${lines.replaceAll("\n", "\n    ")}\n  `]
      )
    )
    const problems = [`${missing.length} of ${cut.parts} parts are not computed yet: ${named}`, ...logs.flat()]
    const remedy = `Compute each with --part K/${cut.parts}, or with lnm submit again`
    return yield* new PartsNotWhole({ folder, problems, remedy })
  }
  const records = found.filter((record) => record !== undefined)
  const problems = [
    ...records.filter((record) => record.cut !== hash).map(({ part }) => `part ${part} is of another cut`),
    ...mixtureOf(records),
    ...(yield* Effect.forEach(cut.units, ({ part, batch, subjects }) =>
      Effect.map(problemOf(unitFile(output, part, batch, of), of, sums[batch]!, subjects), (problem) =>
        problem === undefined ? [] : [`part ${part}: ${problem}`]
      )
    )).flat()
  ]
  if (problems.length > 0) {
    const remedy = "Compute the parts that are named again, with --fresh"
    return yield* new PartsNotWhole({ folder, problems, remedy })
  }
  return records
})

/** What is wrong where some parts were computed with fused multiply-adds and others without. */
const mixtureOf = (records: ReadonlyArray<PartRecord>): ReadonlyArray<string> => {
  const [fused, others] = [true, false].map((kind) => records.filter((record) => record.fused === kind))
  if (fused!.length === 0 || others!.length === 0) return []
  const named = (some: ReadonlyArray<PartRecord>) => {
    const parts = some.map(({ part }) => part).join(", ")
    return `${parts} (on ${[...new Set(some.map(({ host }) => host))].join(", ")})`
  }
  return [
    `parts ${named(fused!)} were computed with fused multiply-adds and parts ${named(others!)} without, which gives other last digits: ` +
      "use machines of one kind, or compute.arithmetic: strict"
  ]
}

/** What is wrong with a file of a part; undefined: nothing. */
const problemOf = (
  file: string,
  of: PartsOf,
  sums: string,
  subjects: { readonly first: number; readonly count: number }
): Effect.Effect<string | undefined> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { header } = yield* of === "sums"
        ? openArrayFile(file, [sumsFile])
        : openArrayFile(file, [correlationsFile])
      if (header.fingerprints.sums !== sums) return `${path.basename(file)} is of another study, version or lesions`
      const { ranges } = rangesOf(header.covered)
      const isShare = ranges.length === 1 && ranges[0]!.first === subjects.first && ranges[0]!.count === subjects.count
      const wanted = formatSubjects([subjects])
      return isShare ? undefined : `${path.basename(file)} holds subjects ${formatSubjects(ranges)}, not ${wanted}`
    })
  ).pipe(Effect.catch(({ message }: InvalidArrayFile) => Effect.succeed(message)))
