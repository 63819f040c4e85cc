/**
 * The tables of a run, which tell of all its lesions together: the summary, the parcels of each atlas, and the seed-to-seed
 * connectivity where it was asked for; each with its sidecar.
 */
import { Option } from "effect"
import type { SeedPairSums } from "../../src/elements/SeedPairs.ts"
import { wideTables } from "../../src/output/parcelTables.ts"
import { formatSummary } from "../../src/output/Summary.ts"
import { seedMatrixTables } from "../../src/output/seedMatrix.ts"
import { formatSummarySidecar } from "../../src/output/summarySidecar.ts"
import type { WrittenLesion } from "../../src/stages/WriteMaps.ts"
import type { Study } from "./Study.ts"

export interface MappedStudy {
  /** In the order of the study's lesions. */
  readonly written: ReadonlyArray<WrittenLesion>
  /** Of every seed with every other; none where they were not asked for. */
  readonly pairs: Option.Option<SeedPairSums>
}

/** The files of the tables, by name, in the order in which they are written. */
export const formatStudyTables = (
  study: Pick<Study, "method" | "fdrAlpha" | "tThreshold">,
  { written, pairs }: MappedStudy
): Readonly<Record<string, string>> => {
  const rows = written.map(({ summary }) => summary)
  const parcels = written.map(({ summary, parcels }) => ({ lesion: summary.lesion, parcels }))
  const lesions = rows.map(({ lesion }) => lesion)
  const matrices = Option.match(pairs, {
    onNone: () => [],
    onSome: (sums) => seedMatrixTables({ ...sums, lesions }, study.method)
  })
  return {
    "summary.tsv": formatSummary(rows),
    "summary.json": formatSummarySidecar(study),
    ...Object.fromEntries(
      [...wideTables(parcels, study.method), ...matrices].flatMap(({ stem, table, sidecar }) => [
        [`${stem}.tsv`, table],
        [`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`]
      ])
    )
  }
}
