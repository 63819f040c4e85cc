/** What a report is drawn from: the manifest of the run, what follows from its config, and what was found in the maps. */
import type { Manifest } from "../output/Manifest.ts"
import type { Findings, LesionFindings } from "./ReportData.ts"
import type { RunFacts } from "./RunFacts.ts"

export interface ReportedRun {
  /** Without the report itself among its outputs. */
  readonly manifest: Manifest
  readonly facts: RunFacts
  readonly findings: Findings
}

/** A lesion with its row of the summary and its place in the report. */
export interface ShownLesion extends LesionFindings {
  /** What the page calls it in links; never its name, which may hold anything. */
  readonly anchor: string
  readonly summary: Readonly<Record<string, string | number | null>>
}

/** The lesions of the findings, in their order. */
export const shownLesions = ({ manifest, findings }: ReportedRun): ReadonlyArray<ShownLesion> => {
  const rows = new Map(manifest.lesions.map(({ maps, summary }) => [maps, summary]))
  return findings.lesions.map((lesion, n) => ({
    ...lesion,
    anchor: `lesion-${n + 1}`,
    summary: rows.get(lesion.maps) ?? {}
  }))
}

/** A number of the summary; undefined where it has none. */
export const summaryNumber = ({ summary }: Pick<ShownLesion, "summary">, column: string): number | undefined => {
  const value = summary[column]
  return typeof value === "number" ? value : undefined
}
