/**
 * The tables of a run, which tell of all its lesions together: the summary, the parcels of each atlas, and the
 * seed matrix where the config asks for it; each with its sidecar.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { SeedMatrixSums } from "../../src/elements/SeedMatrixSums.ts"
import type { Content } from "../../src/files/Content.ts"
import { leftOutWords } from "../../src/lesions/badLesions.ts"
import type { LesionRecord } from "../../src/output/LesionRecord.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { parseLongTable, type TableFile, wideTables } from "../../src/output/parcelTables.ts"
import { MapsOutdated } from "../../src/output/refusedMaps.ts"
import { formatSummary } from "../../src/output/Summary.ts"
import { seedMatrixTables } from "../../src/output/seedMatrixTables.ts"
import { formatSummarySidecar } from "../../src/output/summarySidecar.ts"
import type { WrittenLesion } from "../../src/stages/WriteMaps.ts"
import type { Study } from "./Study.ts"

type TableFiles = Readonly<Record<string, Content>>

/**
 * The summary and the parcels, by name, in the order in which they are written.
 *
 * @param written in the order of the study's lesions
 */
export const formatStudyTables = (
  study: Pick<Study, "method" | "fdrAlpha" | "tThreshold" | "leftOut">,
  written: ReadonlyArray<Pick<WrittenLesion, "summary" | "parcels">>
): TableFiles => {
  const parcels = written.map(({ summary, parcels }) => ({ lesion: summary.lesion, parcels }))
  return {
    "summary.tsv": formatSummary(
      written.map(({ summary }) => summary),
      (study.leftOut ?? []).map(({ file, name, reason }) => ({
        lesion: name ?? file,
        warnings: `${reason}. ${leftOutWords}.`
      }))
    ),
    "summary.json": formatSummarySidecar(
      study,
      written.map(({ summary }) => summary)
    ),
    ...filesOf(wideTables(parcels, study.method))
  }
}

/**
 * The tables of the seed matrix. They are read from the sums while they are written, so the sums must stay until
 * then.
 */
export const formatSeedMatrix = (
  { lesions, method }: Pick<Study, "lesions" | "method">,
  { sumZ }: SeedMatrixSums,
  subjects: number
): TableFiles => filesOf(seedMatrixTables({ sumZ, subjects, lesions: lesions.map(({ name }) => name) }, method))

/**
 * The tables of parcels of lesions that an earlier run has mapped, read from the folder: a list of them a record.
 *
 * Errors: `MapsOutdated` where one is not as it was written.
 */
export const keptParcels = Effect.fn("keptParcels")(function* (
  { parcellations }: Pick<Study, "parcellations">,
  records: ReadonlyArray<LesionRecord>
) {
  const output = yield* OutputFolder
  const folder = output.path
  return yield* Effect.forEach(
    parcellations.length === 0 ? [] : records,
    Effect.fnUntraced(function* ({ maps, files }) {
      const table = files.find(({ path }) => path.endsWith("_parcels.tsv"))
      const text = (table === undefined ? undefined : yield* output.read(table.path)) ?? ""
      const isSame = createHash("sha256").update(text).digest("hex") === table?.sha256
      const tables = isSame ? parseLongTable(text, parcellations) : undefined
      const problem = "its table of parcels, from which those of all lesions are made, has changed since it was written"
      return tables ?? (yield* new MapsOutdated({ folder, problems: [{ maps, problem }] }))
    }),
    { concurrency: tablesAtOnce }
  )
})

/** Tables that are read side by side. */
const tablesAtOnce = 8

const filesOf = (tables: ReadonlyArray<TableFile>): TableFiles =>
  Object.fromEntries(
    tables.flatMap(({ stem, table, sidecar }) => [
      [`${stem}.tsv`, table],
      [`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`]
    ])
  )
