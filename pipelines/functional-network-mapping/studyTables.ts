/**
 * The tables of a run, which tell of all its lesions together: the summary, the parcels of each atlas, and the
 * seed matrix where the config asks for it; each with its sidecar.
 */
import type { SeedMatrixSums } from "../../src/elements/SeedMatrixSums.ts"
import type { Content } from "../../src/files/Content.ts"
import { type TableFile, wideTables } from "../../src/output/parcelTables.ts"
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
  study: Pick<Study, "method" | "fdrAlpha" | "tThreshold">,
  written: ReadonlyArray<WrittenLesion>
): TableFiles => {
  const parcels = written.map(({ summary, parcels }) => ({ lesion: summary.lesion, parcels }))
  return {
    "summary.tsv": formatSummary(written.map(({ summary }) => summary)),
    "summary.json": formatSummarySidecar(study),
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

const filesOf = (tables: ReadonlyArray<TableFile>): TableFiles =>
  Object.fromEntries(
    tables.flatMap(({ stem, table, sidecar }) => [
      [`${stem}.tsv`, table],
      [`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`]
    ])
  )
